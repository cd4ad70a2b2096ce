import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { approvalOf, encodeRecord, type MaintenanceRecord } from "../fleet/record.ts";
import type { Report } from "../fleet/report.ts";
import type { Attempt } from "../fleet/view.ts";
import { later, now, owner, record, reportReading } from "../testing/builders.ts";
import { decideHost, type HostDecision } from "./decide-host.ts";
import type { HostPolicy } from "./policy.ts";
import type { Commit, HostView, OwnNode } from "./view.ts";

describe("The report", () => {
  test("is written first, and then only when something has changed", () => {
    const first = run({ node: ownNode({ report: { kind: "absent" } }) });
    assert.deepEqual(kinds(first), ["writeReport"]);
    assert.deepEqual(kinds(run({})), []);
  });

  test("replaces exactly the text that was read", () => {
    const node = ownNode({ report: { kind: "unreadable", text: "=what", reason: "not JSON" } });
    const [action] = run({ node }).actions;
    assert.equal(action?.kind === "writeReport" && action.was, "=what");
  });

  test("keeps the time of a need that stays, and begins another with a need that changes or a new boot", () => {
    const since = (given: Partial<HostView>) => written(run(given)).sinceMs;
    const before = now.wallMs - 3_600_000;
    assert.equal(since({ pod: "agent-2" }), before);
    assert.equal(since({ sentinel: sighting({ need: "unknown" }) }), now.wallMs);
    assert.equal(since({ boot: "boot-2" }), now.wallMs);
  });

  test("is not written for other words about the same need more often than every period", () => {
    const sentinel = sighting({ evidence: "at 12:00:01" });
    const wrote = (agoMs: number) => run({ sentinel, attempts: new Map([["report", ended({ kind: "done" }, agoMs)]]) });
    assert.deepEqual([kinds(wrote(59_000)), wrote(59_000).wakeAtMs], [[], now.monotonicMs + 1_000]);
    assert.deepEqual(kinds(wrote(60_000)), ["writeReport"]);
    assert.deepEqual(kinds(run({ sentinel })), ["writeReport"]);
  });

  test("does not shout down another agent of the same machine", () => {
    const node = ownNode({ report: reportReading({ pod: "agent-2" }) });
    const wrote = (agoMs: number) => run({ node, attempts: new Map([["report", ended({ kind: "done" }, agoMs)]]) });
    assert.deepEqual([kinds(wrote(1_000)), wrote(1_000).wakeAtMs], [[], now.monotonicMs + 29_000]);
    assert.deepEqual(kinds(wrote(30_000)), ["writeReport"]);
  });

  test("keeps the commit that ended the boot before, so that its reboot is not told as nobody's, until another is agreed on", () => {
    const commanded = { boot: "boot-1", approval: "a" };
    const node = (phase?: "returning" | "draining") =>
      ownNode({ report: reportReading({ commanded }), ...(phase && { record: { phase } }) });
    assert.deepEqual(written(run({ node: node(), boot: "boot-2" })).commanded, commanded);
    assert.deepEqual(written(run({ node: node("returning"), boot: "boot-2" })).commanded, commanded);
    const next = written(run({ node: node("draining"), boot: "boot-2", nonce: nonce("n") }));
    assert.deepEqual([next.nonce, next.commanded], ["n", undefined]);
  });
});

describe("The nonce", () => {
  test("is drawn and told while the node is drained, and at no other time", () => {
    assert.deepEqual(kinds(run({ node: ownNode({ record: { phase: "claimed" } }) })), []);
    assert.deepEqual(kinds(run({ node: ownNode({ record: { phase: "draining" } }) })), ["drawNonce"]);
    const told = run({ node: ownNode({ record: { phase: "draining" } }), nonce: nonce("n") });
    assert.equal(written(told).nonce, "n");
  });

  test("is drawn anew after a minute", () => {
    const node = ownNode({ record: { phase: "draining" }, report: reportReading({ nonce: "n" }) });
    assert.deepEqual(kinds(run({ node, nonce: nonce("n", 59_000) })), []);
    assert.equal(run({ node, nonce: nonce("n", 59_000) }).wakeAtMs, now.monotonicMs + 1_000);
    assert.deepEqual(kinds(run({ node, nonce: nonce("n", 60_000) })), ["drawNonce"]);
  });

  test("is spent when its approval was taken back", () => {
    const node = ownNode({
      record: { phase: "draining", attempt: 1, nonce: "n" },
      report: reportReading({ nonce: "n" }),
    });
    assert.deepEqual(kinds(run({ node, nonce: nonce("n") })), ["drawNonce"]);
  });

  test("is not told while the machine may still go down by an earlier commit", () => {
    const commanded = { boot: "boot-1", approval: "m1/1/x", result: { kind: "accepted" } } as const;
    const node = ownNode({
      record: { phase: "draining", attempt: 1, nonce: "x" },
      report: reportReading({ commanded }),
    });
    assert.deepEqual(kinds(run({ node, nonce: nonce("n"), startedAtMs: now.monotonicMs - 1_000 })), []);
  });
});

describe("The commit", () => {
  const approved = { phase: "approved", attempt: 1, nonce: "n" } as const;
  const ready: Partial<HostView> = {
    node: ownNode({ record: approved, report: reportReading({ nonce: "n" }) }),
    nonce: nonce("n"),
  };

  test("is made to the approval that echoes our nonce, and drops the nonce", () => {
    const [action] = run(ready).actions;
    assert.ok(action?.kind === "commit");
    assert.deepEqual(
      [action.approval, action.report.nonce, action.report.commanded],
      ["m1/1/n", undefined, { boot: "boot-1", approval: "m1/1/n" }],
    );
    assert.equal(action.recordText, encodeRecord(record(approved)));
  });

  const refusals: readonly (readonly [string, Partial<HostView>])[] = [
    ["another nonce", { nonce: nonce("m") }],
    ["a pause", { node: { ...node0(ready), paused: true } }],
    ["a hold", { node: { ...node0(ready), held: true } }],
    ["another machine of this name", { node: { ...node0(ready), uid: "uid-other" } }],
    ["another boot", { boot: "boot-2" }],
    ["a need that is gone", { sentinel: sighting({ need: "notRequired" }) }],
    ["nothing to reboot with", { impediment: "no such command" }],
  ];
  for (const [what, given] of refusals)
    test(`is not made with ${what}`, () => assert.ok(!kinds(run({ ...ready, ...given })).includes("commit")));

  test("asks the sentinel once more before", () => {
    const { actions, questions } = run({ ...ready, sentinel: sighting({ observedAtMs: now.monotonicMs - 6_000 }) });
    assert.deepEqual(actions, []);
    assert.ok(questions.some((question) => question.kind === "sentinel" && question.freshForMs === 5_000));
  });

  test("is not repeated with the same approval when its answer was lost", () => {
    const attempts = new Map([["commit/m1/1/n", ended({ kind: "failed", reason: "no answer" }, 1_000)]]);
    assert.deepEqual(kinds(run({ ...ready, attempts })), ["drawNonce"]);
  });

  test("whose answer was lost is looked up, then carried out or dropped", () => {
    const attempts = new Map([["commit/m1/1/n", ended({ kind: "failed", reason: "no answer" }, 1_000)]]);
    const commit: Commit = { approval: "m1/1/n", sentAtMs: now.monotonicMs - 5_000, state: { kind: "unsure" } };
    const old = { ...node0(ready), observedAtMs: now.monotonicMs - 2_000 };
    const asks = run({ ...ready, commit, attempts, node: old });
    assert.deepEqual([asks.actions, asks.questions.map(({ kind }) => kind)], [[], ["sentinel", "ownNode"]]);
    assert.deepEqual(kinds(run({ ...ready, commit, attempts })), ["giveUpCommit"]);
    const applied = reportReading({ commanded: { boot: "boot-1", approval: "m1/1/n" } });
    assert.deepEqual(kinds(run({ ...ready, commit, attempts, node: { ...node0(ready), report: applied } })), [
      "reboot",
    ]);
  });
});

describe("The reboot command", () => {
  const confirmed = (agoMs: number): Partial<HostView> => ({
    commit: { approval: "m1/1/n", sentAtMs: now.monotonicMs - agoMs, state: { kind: "confirmed" } },
  });

  test("runs within ten seconds of the commit, or not at all", () => {
    assert.deepEqual(kinds(run(confirmed(9_999))), ["reboot"]);
    const [late] = run(confirmed(10_000)).actions;
    assert.deepEqual(late?.kind === "giveUpCommit" && late.applied, true);
  });

  test("is begun once", () => {
    const attempts = new Map([["reboot/m1/1/n", { inFlightSinceMs: now.monotonicMs, failures: 0, jitter: 0 }]]);
    assert.deepEqual(kinds(run({ ...confirmed(100), attempts })), []);
    const commanding = { approval: "m1/1/n", sentAtMs: now.monotonicMs, state: { kind: "commanding" } } as const;
    assert.deepEqual(kinds(run({ commit: commanding })), []);
  });

  test("of a predecessor is never repeated; what became of it is told after a while", () => {
    const node = ownNode({
      record: { phase: "rebooting", attempt: 1, nonce: "n" },
      report: reportReading({ commanded: { boot: "boot-1", approval: "m1/1/n" } }),
    });
    const young = run({ node, startedAtMs: now.monotonicMs - 9_000 });
    assert.deepEqual([kinds(young), young.wakeAtMs], [[], now.monotonicMs + 1_000]);
    const old = { node, startedAtMs: now.monotonicMs - 20_000 };
    assert.ok(run(old).questions.some(({ kind }) => kind === "shutdown"));
    const shutdown = { state: "no", observedAtMs: now.monotonicMs } as const;
    assert.deepEqual(written(run({ ...old, shutdown })).commanded?.result, { kind: "interrupted", shutdown: "no" });
  });

  test("that failed is told at once, and whether a shutdown is pending as soon as that proves anything", () => {
    const commit: Commit = {
      approval: "m1/1/n",
      sentAtMs: now.monotonicMs - 12_000,
      state: { kind: "ended", result: { kind: "failed", reason: "exit code 1", shutdown: "unknown" } },
    };
    const node = ownNode({ report: reportReading({ commanded: { boot: "boot-1", approval: "m1/1/n" } }) });
    const endedAgo = (agoMs: number) => new Map([["reboot/m1/1/n", ended({ kind: "done" }, agoMs)]]);
    const early = { state: "no", observedAtMs: now.monotonicMs } as const;
    const result = (attempts: HostView["attempts"]) =>
      written(run({ node, commit, attempts, shutdown: early })).commanded?.result;
    assert.deepEqual(result(endedAgo(5_000)), { kind: "failed", reason: "exit code 1", shutdown: "unknown" });
    assert.deepEqual(result(endedAgo(10_000)), { kind: "failed", reason: "exit code 1", shutdown: "no" });
  });

  test("is told again where somebody removed the report", () => {
    const commit: Commit = {
      approval: "m1/1/n",
      sentAtMs: now.monotonicMs,
      state: { kind: "ended", result: { kind: "accepted" } },
    };
    const report = written(run({ commit, node: ownNode({ report: { kind: "absent" } }) }));
    assert.deepEqual(report.commanded, { boot: "boot-1", approval: "m1/1/n", result: { kind: "accepted" } });
  });
});

test("an approval names its maintenance, its attempt and its nonce", () => {
  assert.equal(approvalOf(record({ attempt: 1, nonce: "n" })), "m1/1/n");
  assert.equal(approvalOf(record()), undefined);
});

const policy: HostPolicy = { owner, periodMs: 60_000, rebootDeadlineMs: 600_000 };

/** What an agent decides whose report stands in the API and whose machine needs a reboot. */
function run(given: Partial<HostView>): HostDecision {
  const view: HostView = {
    pod: "agent-1",
    startedAtMs: now.monotonicMs - 600_000,
    boot: "boot-1",
    sentinel: sighting({}),
    node: ownNode({}),
    attempts: new Map(),
    ...given,
  };
  return decideHost(view, policy, later(0));
}

function kinds({ actions }: HostDecision): readonly string[] {
  return actions.map(({ kind }) => kind);
}

function written({ actions }: HostDecision): Report {
  const [action] = actions;
  assert.ok(action?.kind === "writeReport", "the report is written");
  return action.report;
}

function sighting(given: Partial<NonNullable<HostView["sentinel"]>>): NonNullable<HostView["sentinel"]> {
  return { need: "required", evidence: "", observedAtMs: now.monotonicMs, ...given };
}

function nonce(value: string, agoMs = 1_000): NonNullable<HostView["nonce"]> {
  return { value, drawnAtMs: now.monotonicMs - agoMs };
}

function ownNode(given: Partial<Omit<OwnNode, "record">> & { readonly record?: Partial<MaintenanceRecord> }): OwnNode {
  const { record: fields, ...others } = given;
  const full = fields && record(fields);
  return {
    name: "n1",
    uid: "uid-n1",
    observedAtMs: now.monotonicMs,
    report: reportReading(),
    paused: false,
    held: false,
    ...(full && { record: { record: full, text: encodeRecord(full) } }),
    ...others,
  };
}

function node0({ node }: Partial<HostView>): OwnNode {
  assert.ok(node);
  return node;
}

function ended(outcome: NonNullable<Attempt["last"]>["outcome"], agoMs: number): Attempt {
  return {
    last: { outcome, endedAtMs: now.monotonicMs - agoMs },
    failures: outcome.kind === "done" ? 0 : 1,
    jitter: 0.5,
  };
}
