import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRecord } from "./csv.ts";

test("a list is one line of CSV, and spaces belong to its items", () => {
  const readings: readonly (readonly [string, readonly string[]])[] = [
    ["", []],
    ["mon", ["mon"]],
    ["mon,tue", ["mon", "tue"]],
    ["mon, tue", ["mon", " tue"]],
    [",,,", ["", "", "", ""]],
    ['"a,b",c', ["a,b", "c"]],
    ['"k=v"', ["k=v"]],
    ['"mon,tue"', ["mon,tue"]],
    ['""', [""]],
    ['"a""b"', ['a"b']],
    ["a\nb", ["a"]],
    ["\n\na,b\r\nc", ["a", "b"]],
    ['"a\nb",c', ["a\nb", "c"]],
    ["a,\r", ["a", ""]],
    ["'a'", ["'a'"]],
  ];
  for (const [text, fields] of readings) assert.deepEqual(parseRecord(text), { kind: "fields", fields }, text);
});

test("quotes in the wrong place are refused in Go's words", () => {
  const bare = 'bare " in non-quoted-field';
  const missing = 'extraneous or missing " in quoted-field';
  for (const [text, message] of [
    ['a"b', `parse error on line 1, column 2: ${bare}`],
    ['x,ä"b', `parse error on line 1, column 5: ${bare}`],
    ['"abc', `parse error on line 1, column 5: ${missing}`],
    ['"', `parse error on line 1, column 2: ${missing}`],
    ['"a"b', `parse error on line 1, column 3: ${missing}`],
    ['"a"" ,b', `parse error on line 1, column 8: ${missing}`],
    ["\n", "EOF"],
  ] as const) {
    assert.deepEqual(parseRecord(text), { kind: "invalid", message }, text);
  }
});
