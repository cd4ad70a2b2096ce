import assert from "node:assert/strict";
import { test } from "node:test";
import { freshUntil } from "./fresh.ts";

test("what was never seen is never fresh, also where any age would do", () => {
  assert.equal(freshUntil(-Infinity, Infinity), -Infinity);
  assert.equal(freshUntil(-Infinity, 5), -Infinity);
  assert.equal(freshUntil(10, Infinity), Infinity);
  assert.equal(freshUntil(10, 5), 15);
});
