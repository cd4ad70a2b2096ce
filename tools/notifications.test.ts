import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { notifierFor, serviceNames } from "../src/notifiers/registry.ts";
import { serviceParts } from "../src/notifiers/testing/parts.ts";
import { UrlRefused } from "../src/notifiers/url/url-refused.ts";
import { root } from "./source.ts";

/** One service as the page describes it. */
interface Section {
  readonly name: string;
  readonly examples: readonly string[];
  /** All its keys with their other names. */
  readonly keys: readonly string[];
  readonly text: string;
}

const sections = readFileSync(join(root, "docs/notifications.md"), "utf8")
  .split(/^### /m)
  .flatMap((text): readonly Section[] => {
    const name = /^`([a-z]+)`\n/.exec(text)?.[1];
    if (name === undefined) return [];
    const examples = /```text\n([^`]*)```/.exec(text)?.[1]?.trim().split("\n") ?? [];
    const bullets = Array.from(text.matchAll(/^- ((?:`\w+`(?:, )?)+):/gm), ([, keys = ""]) => keys);
    return [{ name, examples, keys: bullets.flatMap((keys) => keys.match(/\w+/g) ?? []), text }];
  });

test("every service has its section, under its own name or as an example of another one", () => {
  const shown = new Set(sections.flatMap(({ name, examples }) => [name, ...examples.map(schemeOf)]));
  assert.deepEqual(Array.from(shown).toSorted(), serviceNames.toSorted());
});

test("the page says of each service that refuses no key that it ignores or passes on what it does not know", () => {
  const lenient = sections.filter(({ examples: [example = ""] }) => keysOf(example) === undefined);
  assert.deepEqual(
    lenient.map(({ name }) => name),
    ["rocketchat", "googlechat", "zulip", "generic", "logger", "https"],
  );
  for (const { name, text } of lenient)
    if (name !== "logger" && name !== "https") assert.match(text, /is ignored|are ignored|goes along to the receiver/);
});

for (const { name, examples, keys } of sections) {
  test(`${name}: the examples of the page are good, and nothing in them is without an effect`, () => {
    assert.notEqual(examples.length, 0);
    for (const example of examples) {
      const warnings = notifierFor(example, serviceParts()).warnings ?? [];
      assert.deepEqual(warnings, name === "logger" ? ["nobody is told: this service throws every message away"] : []);
    }
  });

  test(`${name}: the page has all keys of the query and no others`, () => {
    const [example = ""] = examples;
    const known = keysOf(example);
    if (known !== undefined) assert.deepEqual(keys.toSorted(), known.toSorted());
    for (const key of keys)
      assert.doesNotMatch(saidOf(`${example}${mark(example)}${key}=x`), /does not know it|not a valid/);
  });
}

function schemeOf(url: string): string {
  return /^[a-z]+/.exec(url)?.[0] ?? "";
}

/** The keys that the service lists when it refuses one; `undefined` where it refuses none. */
function keysOf(example: string): readonly string[] | undefined {
  const listed = /^colour is not a valid config key \[(.*)\]$/.exec(saidOf(`${example}${mark(example)}colour=x`))?.[1];
  return listed?.split(" ");
}

function mark(url: string): string {
  return url.includes("?") ? "&" : "?";
}

/** What is said of a URL: why it is refused, or its warnings. */
function saidOf(url: string): string {
  try {
    return (notifierFor(url.replace(/(#[^?]*)(.*)$/, "$2$1"), serviceParts()).warnings ?? []).join("\n");
  } catch (error) {
    if (error instanceof UrlRefused) return error.message;
    throw error;
  }
}
