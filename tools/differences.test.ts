import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readDocument, unexplained } from "../test/full/kubectl/document.ts";
import { root } from "./source.ts";

const text = readFileSync(join(root, "docs/differences.md"), "utf8");

for (const [what, page, least] of [
  ["difference from kured", text, 30],
  ["answer of the API server and difference from kubectl drain", source("docs/draining.md"), 20],
] as const) {
  test(`every ${what} names a test that exists`, () => {
    const cells = page.split("\n").flatMap((line) => {
      const [, path, title] = /\[[^\]]+\]\(\.\.\/([^)]+\.(?:test|cases)\.ts)\): ?(.*?) \|$/.exec(line) ?? [];
      return path === undefined ? [] : [{ path, title: title ?? "" }];
    });
    assert.ok(cells.length >= least, `only ${cells.length} rows name a test`);
    const missing = cells.filter(({ path, title }) => title === "" || !source(path).includes(title));
    assert.deepEqual(missing, []);
  });
}

test("every fault of kured's design is listed once", () => {
  const listed = Array.from(text.matchAll(/^\| (B\d+b?) \|/gm), ([, number]) => number);
  const all = Array.from({ length: 30 }, (_, index) => `B${index + 1}`);
  assert.deepEqual(new Set(listed), new Set([...all, "B5b"]));
  assert.equal(listed.length, 31);
});

test("docs/drain-and-kubectl.md shows the scenes that are played, and gives a reason wherever the two differ", () => {
  assert.deepEqual(unexplained(), []);
  const { text: shown, wanted } = readDocument();
  assert.equal(shown, wanted, "write it anew with `node test/full/kubectl/write.ts`");
});

function source(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
