import assert from "node:assert/strict";
import { test } from "node:test";
import { record } from "../testing/builders.ts";
import { decodeRecord, encodeRecord, type MaintenanceRecord } from "./record.ts";

function read(text: string): MaintenanceRecord {
  const reading = decodeRecord(text);
  assert.ok(reading.kind === "record");
  return reading.record;
}

/** Everything that a record may say. */
const full = record({
  phase: "closing",
  kubeletBoot: "kernel-1",
  cordon: "ours",
  labels: [{ key: "state", set: "down", was: null }],
  attempt: 2,
  nonce: "nonce-1",
  doubtSinceMs: 1_000,
  drainedAtMs: 2_000,
  owners: ["replicasets/shop/web"],
  failure: { reason: "exit status 3", pod: "agent-1" },
  outcome: "done",
  rest: { untilMs: 3_000, because: "it was held" },
  notices: { drain: "told", reboot: "told", uncordon: "due" },
});

test("whatever a record says is read as it was written", () => {
  assert.deepEqual(read(encodeRecord(full)), full);
  assert.deepEqual(read(encodeRecord(record())), record());
});

test("a record of a kured without notices is read, and has none", () => {
  const { notices: _none, ...old } = JSON.parse(encodeRecord(full)) as Record<string, unknown>;
  const { notices: _neither, ...expected } = full;
  assert.deepEqual(read(JSON.stringify(old)), expected);
});

test("what a newer kured wrote besides is still there after we have written", () => {
  const newer = { ...(JSON.parse(encodeRecord(full)) as object), truce: { until: "x" }, also: [1] };
  const again: unknown = JSON.parse(encodeRecord({ ...read(JSON.stringify(newer)), phase: "returning" }));
  assert.deepEqual(again, { ...newer, phase: "returning" });
});

test("notices that are not understood are none", () => {
  const odd = { ...(JSON.parse(encodeRecord(record())) as object), notices: { drain: "perhaps", lunch: "due" } };
  assert.deepEqual(read(JSON.stringify(odd)), record());
  assert.deepEqual(read(JSON.stringify({ ...odd, notices: ["drain"] })), record());
});

test("a record without an instant or a term is not taken for one, and says so", () => {
  for (const missing of [{ since: "soon" }, { term: "first" }]) {
    const text = JSON.stringify({ ...(JSON.parse(encodeRecord(record())) as object), ...missing });
    assert.deepEqual(decodeRecord(text), {
      kind: "unreadable",
      text,
      reason: "since is not an instant or term is not a number",
    });
  }
});
