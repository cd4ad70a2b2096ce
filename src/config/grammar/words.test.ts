import assert from "node:assert/strict";
import { test } from "node:test";
import { splitWords } from "./words.ts";

const readings: readonly (readonly [string, readonly string[]])[] = [
  [
    'one two "three four" "five \\"six\\"" seven#eight # nine # ten\n eleven \'twelve\\\' thirteen=13 fourteen/14',
    ["one", "two", "three four", 'five "six"', "seven#eight", "eleven", "twelve\\", "thirteen=13", "fourteen/14"],
  ],
  ["/bin/systemctl reboot", ["/bin/systemctl", "reboot"]],
  ['sh -c "! needs-restarting --reboothint"', ["sh", "-c", "! needs-restarting --reboothint"]],
  ["", []],
  ["   ", []],
  ["''", [""]],
  ['""', [""]],
  ["a '' b", ["a", "", "b"]],
  ['a"b c"d', ["ab cd"]],
  ["a\\ b", ["a b"]],
  ['"a\\nb"', ["anb"]],
  ["'a\\nb'", ["a\\nb"]],
  ["# comment", []],
  ["echo hi # c", ["echo", "hi"]],
  ["echo hi#c", ["echo", "hi#c"]],
  ["echo \\# c", ["echo", "#", "c"]],
  ["a\\\nb", ["a\nb"]],
  ["a;b|c&&d", ["a;b|c&&d"]],
  ['sh -c "echo $HOME && true"', ["sh", "-c", "echo $HOME && true"]],
  ["a\tb\r\nc", ["a", "b", "c"]],
  ["a # b\nc", ["a", "c"]],
  ["''#a", ["#a"]],
  ["a\\\\", ["a\\"]],
  ['"a\\\\"', ["a\\"]],
  ["Grüße '🙂 x' \\🙂", ["Grüße", "🙂 x", "🙂"]],
];

test("a command line is split as kured splits it", () => {
  for (const [text, words] of readings) assert.deepEqual(splitWords(text), { kind: "words", words }, text);
});

test("a quote that is not closed and a backslash at the end are refused", () => {
  const open = "EOF found when expecting closing quote";
  const escape = "EOF found after escape character";
  for (const [text, message] of [
    ["a \\", escape],
    ['"abc', open],
    ["'abc", open],
    ["a 'b c", open],
    ['"abc\\', escape],
    ['"abc\\\\', open],
    ["'abc\\", open],
    ['"', open],
    ['a"b" "', open],
  ] as const) {
    assert.deepEqual(splitWords(text), { kind: "invalid", message }, text);
  }
});
