import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./source.ts";

const folder = join(root, "docs/internals");
const text = readFileSync(join(folder, "reliability.md"), "utf8");
const promises = text.split(/^### /m).slice(1);

test("every promise names tests that exist, by the beginning of their names or a part of them", () => {
  assert.ok(promises.length >= 11, `only ${promises.length} promises`);
  for (const promise of promises) {
    const [heading = ""] = promise.split("\n");
    const named = Array.from(promise.matchAll(/^- \[[^\]]+\]\(([^)]+\.test\.ts)\): (.+)$/gm));
    assert.ok(named.length >= 2, `"${heading}" names ${named.length} tests`);
    for (const [, path = "", title = ""] of named) {
      const source = readFileSync(join(folder, path), "utf8");
      assert.ok(source.includes(title), `${path} has no test "${title}"`);
    }
  }
});

test("every rule of the simulator stands at the promise of its number", () => {
  const rules = readdirSync(join(root, "sim/world/rules")).filter((name) => name.startsWith("rule-"));
  assert.ok(rules.length >= 8);
  for (const name of rules) {
    const [, number = ""] = /^rule-(\d+)-/.exec(name) ?? [];
    const promise = promises.find((one) => one.startsWith(`${number}. `));
    assert.ok(promise?.includes(`sim/world/rules/${name}`), `${name} is not named at promise ${number}`);
  }
});

test("every file that the page links to is there, and every npm script that it tells to run", () => {
  const links = Array.from(text.matchAll(/\]\(([^)#]+)\)/g), ([, path = ""]) => path);
  assert.deepEqual(
    links.filter((path) => !existsSync(join(folder, path))),
    [],
  );
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
  const commands = Array.from(text.matchAll(/npm run ([\w:]+)/g), ([, name = ""]) => name);
  assert.deepEqual(
    commands.filter((name) => !(name in scripts)),
    [],
  );
});
