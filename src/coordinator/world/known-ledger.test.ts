import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../../kube/object.ts";
import { createKnownLedger } from "./known-ledger.ts";

const daemonSet = (resourceVersion: string): KubeObject => ({
  name: "kured",
  namespace: "kube-system",
  uid: "uid-ds",
  resourceVersion,
  labels: {},
  annotations: {},
  deletionTimestamp: undefined,
  raw: {},
});

function observedAtMs(ledger: ReturnType<typeof createKnownLedger>): number {
  const facts = ledger.facts();
  return facts.kind === "seen" ? facts.observedAtMs : NaN;
}

test("a watch that repeats what a write was answered does not make that older, and is no news", () => {
  const ledger = createKnownLedger("lock");
  assert.equal(ledger.put(daemonSet("7"), 1_000), true);
  assert.equal(ledger.put(daemonSet("7"), -Infinity), false);
  assert.equal(observedAtMs(ledger), 1_000);
  assert.equal(ledger.put(daemonSet("8"), -Infinity), true);
  assert.equal(observedAtMs(ledger), -Infinity);
});

test("a look that finds the same after a write without an answer proves it again", () => {
  const ledger = createKnownLedger("lock");
  ledger.put(daemonSet("7"), 1_000);
  ledger.unsure();
  assert.equal(observedAtMs(ledger), -Infinity);
  ledger.put(daemonSet("7"), 2_000);
  assert.equal(observedAtMs(ledger), 2_000);
});
