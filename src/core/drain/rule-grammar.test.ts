import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseDrainRule } from "./rule-grammar.ts";
import { formatSelector } from "./selector.ts";

function read(text: string) {
  const reading = parseDrainRule(text);
  if (reading.kind === "invalid") return reading.reason;
  const { podSelector, ...rule } = reading.rule;
  return { ...rule, selector: formatSelector(podSelector) };
}

describe("The text of a drain rule", () => {
  const right: readonly (readonly [text: string, rule: object])[] = [
    ["Skip:app=cache", { behavior: "Skip", order: 0, selector: "app=cache" }],
    ["waitcompleted:job-name", { behavior: "WaitCompleted", order: 0, selector: "job-name" }],
    ["Drain,order=10:app in (db,queue)", { behavior: "Drain", order: 10, selector: "app in (db,queue)" }],
    ["Drain, order=-5 :", { behavior: "Drain", order: -5, selector: "" }],
    [
      "WaitCompleted,namespace=batch,namespace=ml:",
      { behavior: "WaitCompleted", order: 0, namespaces: ["batch", "ml"], selector: "" },
    ],
  ];
  for (const [text, rule] of right) {
    test(`${text} is understood`, () => assert.deepEqual(read(text), { ...rule, text }));
  }

  const wrong: readonly (readonly [text: string, says: RegExp])[] = [
    ["", /is no drain rule: a colon/],
    ["Skip", /a colon must stand/],
    ["Keep:app=a", /Keep.* is none of Drain, Skip and WaitCompleted/],
    ["Skip:a=b=c", /is not a label selector/],
    ["Drain,order=soon:", /the order .*soon.* is no whole number/],
    ["Drain,after=1:", /after=1.* is neither order=… nor namespace=…/],
    ["Skip,order=1:", /what is skipped has no order/],
  ];
  for (const [text, says] of wrong) {
    test(`${text || "nothing at all"} is refused with a sentence`, () =>
      assert.match(JSON.stringify(read(text)), says));
  }
});
