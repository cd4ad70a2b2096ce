import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTemplate } from "./template.ts";

const vectors: readonly (readonly [template: string, expected: string])[] = [
  ["Draining node %s", "Draining node n1"],
  ["no verb", "no verb%!(EXTRA string=n1)"],
  ["%s and %s", "n1 and %!s(MISSING)"],
  ["%v", "n1"],
  ["%q", '"n1"'],
  ["%x", "6e31"],
  ["%X", "6E31"],
  ["%d", "%!d(string=n1)"],
  ["100%% %s", "100% n1"],
  ["%s 100%", "n1 100%!(NOVERB)"],
  ["%[1]s/%[1]s", "n1/n1"],
  ["%[2]s", "%!s(BADINDEX)"],
  ["", "%!(EXTRA string=n1)"],
  ["%5s|", "   n1|"],
  ["%-5s|", "n1   |"],
  ["%.1s", "n"],
  ["%T", "string"],
  ["*%s*\n<&>", "*n1*\n<&>"],
];

for (const [template, expected] of vectors)
  test(`the message template ${JSON.stringify(template)} is read as Go reads it`, () => {
    assert.equal(formatTemplate(template, "n1"), expected);
  });
