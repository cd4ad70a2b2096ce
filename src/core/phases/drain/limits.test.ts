import assert from "node:assert/strict";
import { test } from "node:test";
import type { MaintenanceRecord } from "../../fleet/record.ts";
import type { Policy } from "../../policy/policy.ts";
import { node, now, policy, record, recordReading, view } from "../../testing/builders.ts";
import { drainLimits } from "./limits.ts";

const minuteMs = 60_000;

/** In milliseconds from now; the drain began a minute ago, and its node was cordoned ten minutes ago. */
function limits(wanted: Partial<Policy>, given: Partial<MaintenanceRecord> = {}): readonly [number, number] {
  const drains = { phase: "draining", drainingSinceMs: now.wallMs - 10 * minuteMs, ...given } as const;
  const scene = { view: view(), policy: policy(wanted), now, stopped: [], memo: {} };
  const inHand = { node: node({ record: recordReading(drains) }), record: record(drains) };
  const { deleteFromMs, hardEndMs } = drainLimits(inHand, scene);
  return [deleteFromMs - now.monotonicMs, hardEndMs - now.monotonicMs];
}

test("pods are deleted after the drain's time only where the operator wants that, and where it has one", () => {
  const timeout = { drainTimeoutMs: 5 * minuteMs };
  assert.deepEqual(limits({ ...timeout, onDrainTimeout: "delete" }), [4 * minuteMs, Infinity]);
  for (const onDrainTimeout of ["abort", "force"] as const)
    assert.deepEqual(limits({ ...timeout, onDrainTimeout }), [Infinity, Infinity]);
  assert.deepEqual(limits({ onDrainTimeout: "delete" }), [Infinity, Infinity]);
});

test("the hard end counts from the cordon, and from the phase where no instant of the cordon is known", () => {
  const ends = { drainHardEndMs: 30 * minuteMs };
  assert.deepEqual(limits(ends), [Infinity, 20 * minuteMs]);
  const { drainingSinceMs: _unknown, ...old } = record({ phase: "draining" });
  const scene = { view: view(), policy: policy(ends), now, stopped: [], memo: {} };
  assert.equal(drainLimits({ node: node(), record: old }, scene).hardEndMs - now.monotonicMs, 29 * minuteMs);
});
