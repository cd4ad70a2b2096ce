import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../../tools/source.ts";
import { mutate, mutationsOf } from "./mutations.ts";
import { tokenize } from "./tokens.ts";

function mutants(source: string): readonly string[] {
  return mutationsOf(source).map((mutation) => mutate(source, mutation));
}

test("signs are exchanged, and nothing is taken for a sign that is none", () => {
  assert.deepEqual(mutants("a <= b;"), ["a < b;"]);
  assert.deepEqual(mutants("a - -b;"), ["a + -b;"]);
  assert.deepEqual(mutants("!a || b;"), ["a || b;", "!a && b;"]);
  assert.deepEqual(mutants("/[/<]/.test(a);"), []);
  assert.deepEqual(mutants("a / b;"), ["a * b;"]);
  assert.deepEqual(mutants("// a < b\n/* a < b */ `a < b`;"), []);
});

test("what stands inside a template is looked at, and the template's own words are not", () => {
  assert.deepEqual(mutants("`a < ${b < `${c > d}`} !`;"), [
    "`a < ${b <= `${c > d}`} !`;",
    "`a < ${b < `${c >= d}`} !`;",
  ]);
});

test("texts become empty where they are values", () => {
  assert.deepEqual(mutants('import { a } from "b"; f("c", { "d": "e" });'), [
    'import { a } from "b"; f("", { "d": "e" });',
    'import { a } from "b"; f("c", { "d": "" });',
  ]);
});

test("conditions hold always and never, and answers get lost", () => {
  assert.deepEqual(mutants("if (f(a)) return { b: 1 };"), [
    "if (true) return { b: 1 };",
    "if (false) return { b: 1 };",
    "if (f(a)) return undefined;",
    "if (f(a)) return { b: (1 + 1) };",
  ]);
});

test("every file of the core can be taken apart without losing a letter", () => {
  for (const path of globSync("src/core/**/*.ts", { cwd: root })) {
    const source = stripTypeScriptTypes(readFileSync(join(root, path), "utf8"));
    for (const { start, end, text } of tokenize(source)) assert.equal(source.slice(start, end), text, path);
    assert.ok(
      mutationsOf(source).every((mutation) => mutate(source, mutation) !== source),
      path,
    );
  }
});
