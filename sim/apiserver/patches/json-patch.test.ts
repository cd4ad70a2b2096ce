import assert from "node:assert/strict";
import { test } from "node:test";

import type { Json } from "../objects/json.ts";
import { Refused } from "../status.ts";
import { applyJsonPatch } from "./json-patch.ts";

const document = { a: { e: { k: "&" }, n: 1, x: "<b>" }, l: [1, 2] };

/** The patched document, or the code of the refusal. */
function outcome(patch: string): Json {
  try {
    return applyJsonPatch(document, patch);
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}

// Each was run through the library that the real server uses, on the same document.
const vectors: readonly (readonly [why: string, patch: string, expected: Json])[] = [
  [
    "a plain < differs from the stored one, which is escaped",
    String.raw`[{"op":"test","path":"/a/x","value":"<b>"}]`,
    422,
  ],
  ["the escaped spelling matches", String.raw`[{"op":"test","path":"/a/x","value":"\u003cb\u003e"}]`, document],
  ["upper-case escapes differ", String.raw`[{"op":"test","path":"/a/x","value":"\u003Cb\u003E"}]`, 422],
  ["numbers are compared as they are written", String.raw`[{"op":"test","path":"/a/n","value":1.0}]`, 422],
  ["texts inside objects are compared the same way", String.raw`[{"op":"test","path":"/a/e","value":{"k":"&"}}]`, 422],
  ["blanks do not count", String.raw`[{"op":"test","path":"/a/e","value":{ "k" : "\u0026" }}]`, document],
  ["null matches a missing field", String.raw`[{"op":"test","path":"/a/z","value":null}]`, document],
  ["so does no value at all", String.raw`[{"op":"test","path":"/a/z"}]`, document],
  ["but not below a missing parent", String.raw`[{"op":"test","path":"/q/z","value":null}]`, 422],
  ["nor below a text", String.raw`[{"op":"test","path":"/a/e/k/x","value":null}]`, 422],
  [
    "the whole document can be tested",
    String.raw`[{"op":"test","path":"","value":{"a":{"x":"\u003cb\u003e","n":1,"e":{"k":"\u0026"}},"l":[1,2]}}]`,
    document,
  ],
  [
    "replace adds what is missing",
    String.raw`[{"op":"replace","path":"/a/z","value":1}]`,
    { ...document, a: { ...document.a, z: 1 } },
  ],
  ["remove does not take what is missing", String.raw`[{"op":"remove","path":"/a/z"}]`, 422],
  ["move does not either", String.raw`[{"op":"move","from":"/a/zz","path":"/a/l"}]`, 422],
  [
    "copy takes it for null",
    String.raw`[{"op":"copy","from":"/a/zz","path":"/a/l"}]`,
    { ...document, a: { ...document.a, l: null } },
  ],
  ["add puts into a list", String.raw`[{"op":"add","path":"/l/1","value":9}]`, { ...document, l: [1, 9, 2] }],
  ["and at its end", String.raw`[{"op":"add","path":"/l/-","value":9}]`, { ...document, l: [1, 2, 9] }],
  ["but not beyond", String.raw`[{"op":"add","path":"/l/3","value":9}]`, 422],
  ["negative indices count from the end", String.raw`[{"op":"remove","path":"/l/-1"}]`, { ...document, l: [1] }],
  [
    "slashes and tildes are escaped in paths",
    String.raw`[{"op":"add","path":"/a/x~1y~0z","value":1}]`,
    { ...document, a: { ...document.a, "x/y~z": 1 } },
  ],
  ["an unknown operation does not apply", String.raw`[{"op":"merge","path":"/a"}]`, 422],
  ["a patch must be a list", String.raw`{"op":"test"}`, 400],
  ["and JSON", String.raw`[{]`, 400],
  ["one failed test undoes all", String.raw`[{"op":"remove","path":"/l"},{"op":"test","path":"/a/n","value":2}]`, 422],
];

for (const [why, patch, expected] of vectors) {
  test(`JSON patch: ${why}`, () => {
    assert.deepEqual(outcome(patch), expected);
  });
}
