import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { verdictCodes } from "./codes.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/verdicts.md"), "utf8");

test("docs/verdicts.md explains every verdict code once, and no other", () => {
  const explained = Array.from(page.matchAll(/^\| `(\w+)` \|/gm), ([, code = ""]) => code);
  assert.deepEqual(explained.toSorted(), [...verdictCodes].toSorted());
});

test("every row of docs/verdicts.md says what is the case and what to do", () => {
  for (const row of page.split("\n").filter((line) => line.startsWith("| `"))) {
    const [, , meaning = "", remedy = ""] = row.split("|").map((cell) => cell.trim());
    assert.ok(meaning.length > 10 && remedy.length >= 5, row);
  }
});
