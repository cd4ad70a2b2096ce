import assert from "node:assert/strict";
import { test } from "node:test";
import { decide } from "../decide.ts";
import type { NodeFacts } from "../fleet/node.ts";
import { node, now, policy, recordReading, reportReading, view } from "../testing/builders.ts";

/** What n1, which needs a reboot, is told of the others. */
function unavailable(other: Partial<NodeFacts>): readonly string[] {
  const calm = reportReading({ need: "notRequired" });
  const nodes = [node({ name: "n1" }), node({ name: "n2", report: calm, ...other })];
  const [verdict] = decide(view({ nodes }), policy(), now).verdicts;
  return verdict?.reasons.flatMap((reason) => (reason.code === "BudgetFull" ? reason.unavailable : [])) ?? [];
}

test("whoever waits is told why each place is taken", () => {
  assert.deepEqual(unavailable({ ready: false, unschedulable: true }), ["n2 is not Ready"]);
  assert.deepEqual(unavailable({ unschedulable: true }), ["n2 is cordoned"]);
  assert.deepEqual(unavailable({ record: recordReading({ owner: "other/kured" }) }), [
    "n2 is in another installation's hands",
  ]);
  assert.deepEqual(unavailable({ record: { kind: "unreadable", text: "=stop", reason: "no JSON" } }), [
    "n2 is left alone because its record cannot be read",
  ]);
  assert.deepEqual(unavailable({}), []);
});
