import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { MaintenanceRecord } from "../../core/fleet/record.ts";
import type { Policy } from "../../core/policy/policy.ts";
import {
  agentPod,
  answers,
  node,
  now,
  pod,
  podsAnswer,
  policy,
  recordReading,
  view,
} from "../../core/testing/builders.ts";
import { tellingInKuredWords } from "../kured-words.ts";

const minuteMs = 60_000;

/** The errors that the log has of a drain of eleven minutes with a pod left, whose timeout is ten. */
function errors(given: Partial<MaintenanceRecord>, wanted: Partial<Policy>): readonly string[] {
  const lines: string[] = [];
  const log = { write: (level: string, message: string) => void (level === "error" && lines.push(message)) };
  const full = { drainTimeoutMs: 10 * minuteMs, volumeDetachTimeoutMs: 5 * minuteMs, ...wanted };
  const teller = tellingInKuredWords({ tell: () => Infinity }, { log, policy: policy(full) });
  const record = recordReading({ phase: "draining", phaseSinceMs: now.wallMs - 11 * minuteMs, ...given });
  const known = answers({ "pods/n1": podsAnswer([agentPod(), pod()]) });
  const draining = { code: "Draining", left: 1, pods: [] } as const;
  const scene = { view: view({ nodes: [node({ record })], answers: known }), now };
  teller.tell([{ node: "n1", reasons: [draining], recordId: "m1" }], scene);
  return lines;
}

describe("kured's line of a drain that has failed", () => {
  const failed = ["Error draining n1: global timeout reached: 10m0s"];

  test("comes when its time is over, also where the reboot goes on with what is left", () => {
    assert.deepEqual(errors({}, {}), failed);
    const drainedAtMs = now.wallMs - minuteMs;
    assert.deepEqual(errors({ drainedAtMs }, { onDrainTimeout: "force" }), failed);
  });

  test("does not come while the drain still has the time that its node waited empty", () => {
    assert.deepEqual(errors({ drainedAtMs: now.wallMs - 2 * minuteMs }, {}), []);
  });
});
