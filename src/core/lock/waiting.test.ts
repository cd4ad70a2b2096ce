import assert from "node:assert/strict";
import { test } from "node:test";
import { decide } from "../decide.ts";
import type { Reason } from "../verdict/reason.ts";
import { entryText, ledger, listText, node, now, policy, recordReading, view } from "../testing/builders.ts";

/** What is said of n2, which waits, while n1 is in the lock with a record of ours. */
function waiting(lock: string, concurrency: number): { readonly reason: Reason | undefined; readonly begins: boolean } {
  const nodes = [
    node({ record: recordReading({ phase: "draining", cordon: "ours" }), unschedulable: true }),
    node({ name: "n2" }),
  ];
  const { verdicts, actions } = decide(view({ nodes, ledger: ledger(lock) }), policy({ concurrency }), now);
  const begins = actions.some((action) => action.kind === "writeRecord" && action.node === "n2");
  return { reason: verdicts[1]?.reasons[0], begins };
}

test("there is a second place in a list of two, beside the one who is in it", () => {
  const { reason, begins } = waiting(listText([entryText()]), 2);
  assert.notEqual(reason?.code, "LockedBy");
  assert.notEqual(reason?.code, "BudgetFull");
  assert.ok(begins || reason?.code === "Claiming", JSON.stringify(reason));
});

test("who is in the lock in the format of another concurrency keeps everybody out", () => {
  assert.deepEqual([waiting(entryText(), 2).reason?.code, waiting(entryText(), 2).begins], ["LockedBy", false]);
});

test("of several in the lock it is not ours that are told as those who hold it", () => {
  const lock = listText([entryText(), entryText({ node: "old-1" })]);
  const { reason } = waiting(lock, 2);
  assert.ok(reason?.code === "LockedBy");
  assert.deepEqual(reason.holders, ["old-1"]);
});
