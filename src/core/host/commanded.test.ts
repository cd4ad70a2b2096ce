import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CommandedReboot } from "../fleet/report.ts";
import { wantedCommanded, commitKey, commitsRestUntilMs } from "./commanded.ts";
import type { HostView } from "./view.ts";

const policy = { rebootDeadlineMs: 60_000 };
const said: CommandedReboot = { boot: "b1", approval: "a", result: { kind: "accepted" } };
const words = "the reboot command said yes, and nothing happened within 60 s";
const failed = { ...said, result: { kind: "failed", reason: words, shutdown: "no" } } as const;

describe("A reboot command that said yes", () => {
  test("is believed until its deadline, then the machine is asked whether it is going down", () => {
    assert.deepEqual(at(59_999), { commanded: said, wakeAtMs: 60_000 });
    assert.deepEqual(at(60_000), { commanded: said, questions: [{ kind: "shutdown", freshForMs: 1_000 }] });
  });

  test("has failed when the deadline is over and no shutdown is pending", () => {
    assert.deepEqual(at(60_500, { state: "no", observedAtMs: 60_400 }), { commanded: failed });
    // Proven before the deadline, it proves nothing: the machine may go down later.
    assert.deepEqual(at(60_500, { state: "no", observedAtMs: 59_000 }).commanded, said);
    for (const state of ["yes", "unknown"] as const)
      assert.deepEqual(at(60_500, { state, observedAtMs: 60_400 }).commanded, said, state);
  });

  test("has failed for good", () => {
    assert.deepEqual(wantedCommanded(scene(90_000, { state: "yes", observedAtMs: 89_000 }), failed).commanded, failed);
  });

  test("is given its time again by an agent that came later", () => {
    const { commit: _none, ...view } = scene(0).view;
    const later = { view: { ...view, startedAtMs: 50_000 }, policy, now: { wallMs: 0, monotonicMs: 100_000 } };
    assert.deepEqual(wantedCommanded(later, said), { commanded: said, wakeAtMs: 110_000 });
  });
});

function at(monotonicMs: number, shutdown?: HostView["shutdown"]) {
  return wantedCommanded(scene(monotonicMs, shutdown), said);
}

/** The command ended at 0. */
function scene(monotonicMs: number, shutdown?: HostView["shutdown"]) {
  const view: HostView = {
    pod: "p1",
    startedAtMs: 0,
    boot: "b1",
    attempts: new Map(),
    commit: { approval: "a", sentAtMs: 0, state: { kind: "ended", result: { kind: "accepted" } } },
    ...(shutdown && { shutdown }),
  };
  return { view, policy, now: { wallMs: 0, monotonicMs } };
}

test("a commit without an answer is followed by another at once, and more of them by growing pauses", () => {
  const failedAt = (...instants: readonly number[]) => {
    const attempts = instants.map((endedAtMs, index) => {
      const last = { outcome: { kind: "failed", reason: "no answer" } as const, endedAtMs };
      return [commitKey(`approval-${index}`), { last, failures: 1, jitter: 0 }] as const;
    });
    return commitsRestUntilMs({ attempts: new Map(attempts) });
  };
  assert.equal(failedAt(), -Infinity);
  assert.equal(failedAt(1_000), -Infinity);
  assert.equal(failedAt(1_000, 2_000), 3_000);
  assert.equal(failedAt(2_000, 5_000, 1_000), 7_000);
  assert.equal(failedAt(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 30_010);
});

test("neither commits that were answered nor other acts that failed keep an approval waiting", () => {
  const ended = (kind: "done" | "failed") => ({
    last: { outcome: kind === "done" ? { kind } : { kind, reason: "no answer" }, endedAtMs: 1_000 },
    failures: 1,
    jitter: 0,
  });
  const acts = {
    [commitKey("a")]: "done",
    [commitKey("b")]: "done",
    report: "failed",
    [`reboot/b`]: "failed",
  } as const;
  const attempts = new Map(Object.entries(acts).map(([key, kind]) => [key, ended(kind)] as const));
  assert.equal(commitsRestUntilMs({ attempts }), -Infinity);
});
