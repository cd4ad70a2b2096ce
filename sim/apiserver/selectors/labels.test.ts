import assert from "node:assert/strict";
import { test } from "node:test";

import { labelsMatch, parseLabelSelector, selectorOf } from "./labels.ts";

const labels = { app: "web", tier: "front", empty: "", size: "5", "kured.dev/hold": "x" };

for (const [selector, expected] of [
  ["", true],
  ["app=web", true],
  ["app==web,tier=front", true],
  ["app=web,tier=back", false],
  ["app!=web", false],
  ["missing!=web", true],
  ["app in (db, web)", true],
  ["app notin (db,web)", false],
  ["missing notin (a)", true],
  ["app", true],
  ["!app", false],
  ["!missing,app", true],
  ["missing", false],
  ["empty=", true],
  ["empty in ()", true],
  ["empty in (,x)", true],
  ["size>4", true],
  ["size<5", false],
  ["app>4", false],
  ["kured.dev/hold", true],
  ["constructor", false],
] as const) {
  test(`The label selector "${selector}" ${expected ? "selects" : "does not select"} a web pod`, () => {
    assert.equal(labelsMatch(parseLabelSelector(selector), labels), expected);
  });
}

for (const selector of [
  "=",
  "a=b c",
  "app in web",
  "app in (",
  "-a",
  "a=b=c",
  "a,,b",
  "app in (a b)",
  "size>x",
  "x/y/z",
]) {
  test(`The label selector "${selector}" is refused`, () => {
    assert.throws(() => parseLabelSelector(selector), { code: 400 });
  });
}

test("Selector objects mean the same as their text", () => {
  const selector = selectorOf({
    matchLabels: { app: "web" },
    matchExpressions: [
      { key: "tier", operator: "In", values: ["front"] },
      { key: "tier", operator: "NotIn", values: ["back"] },
      { key: "empty", operator: "Exists" },
      { key: "missing", operator: "DoesNotExist" },
    ],
  });
  assert.ok(selector !== undefined);
  assert.equal(labelsMatch(selector, labels), true);
  assert.equal(selectorOf({ matchExpressions: [{ key: "a", operator: "Like" }] }), undefined);
});
