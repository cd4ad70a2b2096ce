import assert from "node:assert/strict";
import { test } from "node:test";
import { quote } from "./quote.ts";

test("text is quoted as Go quotes it", () => {
  assert.equal(quote("Node ID: n1"), '"Node ID: n1"');
  assert.equal(quote('a "b" \\ c'), '"a \\"b\\" \\\\ c"');
  assert.equal(quote("a\n\t\r\v\f\b\x07"), '"a\\n\\t\\r\\v\\f\\b\\a"');
  assert.equal(quote("\x00\x1b\x7f"), '"\\x00\\x1b\\x7f"');
  assert.equal(quote("Größe 日本 🙂"), '"Größe 日本 🙂"');
  assert.equal(quote("\u00a0\u200b\u2028\u{e0001}"), '"\\u00a0\\u200b\\u2028\\U000e0001"');
});
