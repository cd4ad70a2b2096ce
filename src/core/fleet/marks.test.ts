import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Action } from "../action.ts";
import { decide } from "../decide.ts";
import type { MarkPolicy, Policy } from "../policy/policy.ts";
import {
  entryText,
  ledger,
  node,
  now,
  policy,
  record,
  recordReading,
  reportReading,
  view,
} from "../testing/builders.ts";
import { foreignTaint } from "./marks.ts";
import { inProgressAnnotation, mostRecentAnnotation, type NodeFacts } from "./node.ts";
import { decodeRecord, encodeRecord, type MaintenanceRecord } from "./record.ts";

const marks: MarkPolicy = {
  annotateNodes: true,
  taint: "kured",
  labelsBefore: { a: "down", b: "down" },
  labelsAfter: { a: "up" },
};
const ours = { key: "kured", effect: "PreferNoSchedule" };
const theirs = { key: "other", value: "x", effect: "NoSchedule", timeAdded: "2026-05-05T12:00:00Z" };
const taken = [{ key: "b", set: "down", was: "before" }];

/** The one write of the node's record that follows; our entry is in the lock unless said. */
function write(
  facts: NodeFacts,
  { lock = entryText(), wanted = {} }: { lock?: string | undefined; wanted?: Partial<Policy> } = {},
): Extract<Action, { kind: "writeRecord" }> | undefined {
  const scene = view({ nodes: [facts], ledger: ledger(lock) });
  const { actions } = decide(scene, policy({ marks, ...wanted }), now);
  return actions.find((action) => action.kind === "writeRecord");
}

function inHand(written: Partial<MaintenanceRecord>, facts: Partial<NodeFacts> = {}): NodeFacts {
  return node({ record: recordReading(written), ...facts });
}

const returned = { report: reportReading({ boot: "boot-2", need: "notRequired" }), unschedulable: true };

describe("marks of a node in hand", () => {
  test("without the flags the claim sets nothing", () => {
    const none: MarkPolicy = { annotateNodes: false, taint: "" };
    const claim = write(inHand({ phase: "intended" }), { wanted: { marks: none } });
    assert.deepEqual([claim?.marks, claim?.record?.labels], [undefined, undefined]);
  });

  test("the claim sets the labels and both annotations, with one time, and remembers what was there", () => {
    const action = write(inHand({ phase: "intended" }, { labels: { a: "down", b: "before" } }));
    assert.equal(action?.step, "claim");
    assert.deepEqual(action.marks, {
      labels: { b: "down" },
      annotations: { [inProgressAnnotation]: "2026-05-05T12:00:00Z", [mostRecentAnnotation]: "2026-05-05T12:00:00Z" },
    });
    assert.deepEqual(action.record?.labels, taken);
  });

  test("with labels for after the reboot alone the claim sets none, and the write that uncordons sets them", () => {
    const after: MarkPolicy = { annotateNodes: false, taint: "", labelsAfter: { a: "up" } };
    const claim = write(inHand({ phase: "intended" }), { wanted: { marks: after } });
    assert.deepEqual([claim?.marks, claim?.record?.labels], [undefined, []]);
    const back = write(inHand({ phase: "returning", cordon: "ours", labels: [] }, returned), {
      wanted: { marks: after },
    });
    assert.deepEqual(back?.marks?.labels, { a: "up" });
  });

  test("the write that uncordons sets the labels of after the reboot and puts the others back", () => {
    const facts = { ...returned, labels: { a: "down", b: "down" }, rebootInProgress: "x", taints: [theirs, ours] };
    const action = write(inHand({ phase: "returning", cordon: "ours", labels: taken }, facts));
    assert.equal(action?.unschedulable, false);
    assert.deepEqual(action.marks, {
      labels: { a: "up", b: "before" },
      annotations: { [inProgressAnnotation]: null },
      taint: { change: "removed", all: [theirs] },
    });
    assert.equal(action.record?.labels, undefined);
  });

  test("they are given back also where the cordon is somebody else's and stays", () => {
    const action = write(inHand({ phase: "returning", cordon: "theirs", labels: [] }, returned));
    assert.equal(action?.unschedulable, undefined);
    assert.deepEqual(action?.marks, { labels: { a: "up" } });
  });

  test("a label that was not there before is removed", () => {
    const labels = [{ key: "b", set: "down", was: null }];
    const action = write(inHand({ phase: "returning", labels }, { ...returned, labels: { a: "up", b: "down" } }));
    assert.deepEqual(action?.marks, { labels: { b: null } });
  });

  test("a label that somebody has changed since stays as it is", () => {
    const facts = { ...returned, labels: { a: "up", b: "hers" } };
    assert.equal(write(inHand({ phase: "returning", labels: taken }, facts))?.marks, undefined);
  });

  test("a drain that is given up puts back the same", () => {
    const facts = {
      unschedulable: true,
      report: reportReading({ need: "notRequired" }),
      labels: { a: "down", b: "down" },
    };
    const action = write(inHand({ phase: "draining", cordon: "ours", labels: taken }, facts));
    assert.equal(action?.record?.outcome, "withdrawn");
    assert.deepEqual(action.marks, { labels: { a: "up", b: "before" } });
  });

  test("an intent that is given up has nothing to put back", () => {
    const report = reportReading({ need: "notRequired" });
    const scene = view({ nodes: [inHand({ phase: "intended" }, { report })], ledger: ledger(undefined) });
    const [action] = decide(scene, policy({ marks }), now).actions;
    assert.equal(action?.kind === "writeRecord" && action.step, "close");
    assert.equal(action?.kind === "writeRecord" && action.marks, undefined);
  });

  test("labels that are to be put back are in the record, whole", () => {
    const written = record({ labels: [...taken, { key: "c", set: "", was: null }] });
    const reading = decodeRecord(encodeRecord(written));
    assert.deepEqual(reading.kind === "record" && reading.record, written);
  });
});

describe("marks of a node that waits", () => {
  const locked = { lock: '{"nodeID":"manual"}' };

  test("it gets the taint while somebody else has the lock, and nobody else's taint is changed", () => {
    const action = write(node({ taints: [theirs] }), locked);
    assert.equal(action?.step, "mark");
    assert.deepEqual(action.marks, { taint: { change: "added", all: [theirs, ours] } });
    assert.equal(write(node({ taints: [theirs, ours] }), locked), undefined);
  });

  test("it loses taint and annotation when no reboot is required any more, or none is allowed", () => {
    const facts = node({ taints: [ours], rebootInProgress: "x", report: reportReading({ need: "notRequired" }) });
    const marksOff = { annotations: { [inProgressAnnotation]: null }, taint: { change: "removed", all: [] } };
    assert.deepEqual(write(facts, locked)?.marks, marksOff);
    assert.deepEqual(write(node({ taints: [ours], hold: { reason: "" } }), locked)?.marks?.taint?.change, "removed");
  });

  test("it keeps what it has while nobody knows what it needs", () => {
    const unknown = reportReading({ need: "unknown" });
    assert.equal(write(node({ taints: [ours], rebootInProgress: "x", report: unknown }), locked), undefined);
    assert.equal(write(node({ taints: [ours], report: { kind: "absent" } }), locked), undefined);
  });

  test("a taint of our name with a value or another effect is somebody's: none is added, and it stays", () => {
    for (const taint of [
      { ...ours, value: "x" },
      { ...ours, effect: "NoExecute" },
    ]) {
      assert.equal(write(node({ taints: [taint] }), locked), undefined);
      assert.equal(write(node({ taints: [taint], report: reportReading({ need: "notRequired" }) }), locked), undefined);
      assert.equal(foreignTaint(node({ taints: [ours, taint] }), "kured"), taint);
    }
    assert.equal(foreignTaint(node({ taints: [ours] }), "kured"), undefined);
  });

  test("a taint of the name that the flag had before stays, as kured leaves it", () => {
    const former = { ...ours, key: "former" };
    const rests = { taints: [former, ours], report: reportReading({ need: "notRequired" }) };
    assert.deepEqual(write(node(rests), locked)?.marks?.taint, { change: "removed", all: [former] });
    const flagRemoved = { ...locked, wanted: { marks: { ...marks, annotateNodes: false, taint: "" } } };
    assert.equal(write(node(rests), flagRemoved), undefined);
  });

  test("no more than ten nodes are marked at once", () => {
    const nodes = Array.from({ length: 30 }, (_, index) => node({ name: `n${index + 1}` }));
    const scene = view({ nodes, ledger: ledger(locked.lock) });
    const { actions } = decide(scene, policy({ marks }), now);
    assert.equal(actions.length, 10);
  });
});
