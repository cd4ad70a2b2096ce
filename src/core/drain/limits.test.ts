import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pod } from "../testing/builders.ts";
import { overdue } from "./limits.ts";
import type { DrainPlan } from "./plan.ts";

const nowMonotonicMs = 1_000_000;
const never = { deleteFromMs: Infinity, hardEndMs: Infinity };

const [web, slow, job, going] = ["web", "slow", "job", "going"].map((name) =>
  pod({ name, ...(name === "slow" && { terminationGraceSeconds: 600 }) }),
) as [ReturnType<typeof pod>, ReturnType<typeof pod>, ReturnType<typeof pod>, ReturnType<typeof pod>];
const plan: DrainPlan = {
  pods: [
    { kind: "evict", pod: web },
    { kind: "evict", pod: slow },
    { kind: "await", pod: job, by: "its label" },
    { kind: "terminating", pod: going, graceEndsMs: 0 },
    { kind: "leave", pod: pod({ name: "stays" }), reason: "daemonSet" },
  ],
  warnings: [],
  refusals: [],
};

function late(limits: Partial<typeof never>, agoMs = 0) {
  const { pods, wakeAtMs } = overdue(plan, {
    limits: { ...never, ...limits },
    nowMonotonicMs: nowMonotonicMs + agoMs,
  });
  return { names: pods.map(({ name }) => name), wakeAtMs };
}

describe("Pods that are deleted rather than evicted", () => {
  test("are none while the drain has no end", () => {
    assert.deepEqual(late({}), { names: [], wakeAtMs: Infinity });
  });

  test("are all that are not on their way out, once the drain timeout is over", () => {
    const deleteFromMs = nowMonotonicMs + 5_000;
    assert.deepEqual(late({ deleteFromMs }), { names: [], wakeAtMs: deleteFromMs });
    assert.deepEqual(late({ deleteFromMs }, 5_000), { names: ["web", "slow", "job"], wakeAtMs: Infinity });
  });

  test("each get their own grace period before the hard end", () => {
    const hardEndMs = nowMonotonicMs + 600_000;
    assert.deepEqual(late({ hardEndMs }), { names: ["slow"], wakeAtMs: hardEndMs - 30_000 });
    assert.deepEqual(late({ hardEndMs }, 570_000), { names: ["web", "slow", "job"], wakeAtMs: hardEndMs });
    assert.equal(late({ hardEndMs }, 600_000).wakeAtMs, Infinity);
  });
});
