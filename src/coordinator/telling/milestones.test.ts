import assert from "node:assert/strict";
import { test } from "node:test";
import type { Action, RecordStep } from "../../core/action.ts";
import type { MaintenanceRecord } from "../../core/fleet/record.ts";
import { record } from "../../core/testing/builders.ts";
import { withMilestones } from "./milestones.ts";

const silent = { before: () => undefined, after: () => undefined, failed: () => undefined };

function write(
  step: RecordStep,
  { unschedulable, ...fields }: Partial<MaintenanceRecord> & { unschedulable?: boolean } = {},
): Action {
  return {
    kind: "writeRecord",
    key: "record/node-1",
    step,
    node: "node-1",
    resourceVersion: "1",
    record: step === "forget" ? undefined : record(fields),
    was: record(fields),
    ...(unschedulable !== undefined && { unschedulable }),
  };
}

function toldOf(...actions: readonly Action[]): readonly string[] {
  const told: string[] = [];
  const story = withMilestones(silent, { tell: (milestone, { node }) => told.push(`${milestone} ${node}`) });
  for (const action of actions) {
    story.before(action);
    story.after(action);
  }
  return told;
}

test("a maintenance is told of three times, in order", () => {
  const told = toldOf(
    write("intend"),
    write("claim"),
    write("cordon", { unschedulable: true }),
    write("drained"),
    write("approve"),
    write("reboot"),
    write("return"),
    write("close", { outcome: "done", unschedulable: false }),
    write("forget"),
  );
  assert.deepEqual(told, ["drain node-1", "reboot node-1", "uncordon node-1"]);
});

test("an approval that is taken back and given anew is told once, the next maintenance again", () => {
  assert.deepEqual(toldOf(write("approve"), write("resume"), write("approve")), ["reboot node-1"]);
  assert.deepEqual(toldOf(write("approve"), write("forget"), write("approve", { id: "other" })).length, 2);
});

test("a node that is given back without a reboot, or keeps somebody else's cordon, is not told to be uncordoned", () => {
  assert.deepEqual(toldOf(write("close", { outcome: "withdrawn", unschedulable: false })), []);
  assert.deepEqual(toldOf(write("close", { outcome: "done" })), []);
});

test("what was refused is told by nobody", () => {
  const told: string[] = [];
  const story = withMilestones(silent, { tell: (milestone) => told.push(milestone) });
  story.before(write("cordon"));
  story.failed(write("cordon"), { why: "conflict", expected: true });
  assert.deepEqual(told, []);
});
