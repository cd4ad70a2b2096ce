import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Action } from "../action.ts";
import { sentence } from "../verdict/sentence.ts";
import { decide, type Decision } from "../decide.ts";
import type { NodeFacts } from "../fleet/node.ts";
import { approvalOf, type MaintenanceRecord } from "../fleet/record.ts";
import type { CommandResult } from "../fleet/report.ts";
import type { View } from "../fleet/view.ts";
import type { Policy } from "../policy/policy.ts";
import {
  agentPod,
  answers,
  entryText,
  later,
  ledger,
  node,
  now,
  pod,
  podsAnswer,
  policy,
  record,
  recordReading,
  reportReading,
  view,
} from "../testing/builders.ts";
import { renewFor } from "./renew.ts";

const minuteMs = 60_000;

describe("Intended", () => {
  test("gives way to an entry of the same node that another record names", () => {
    const written = recordOf(run({ phase: "intended", lock: "2026-05-05T11:59:59Z" }));
    assert.deepEqual([written.phase, written.outcome], ["closing", "withdrawn"]);
  });
});

describe("Claimed", () => {
  test("a cordon that is there before ours is theirs; one that was adopted with the lock is ours", () => {
    const cordonOf = (cordon: MaintenanceRecord["cordon"], unschedulable: boolean) =>
      recordOf(run({ phase: "claimed", cordon }, { unschedulable })).cordon;
    assert.deepEqual(
      [cordonOf("none", false), cordonOf("none", true), cordonOf("ours", true), cordonOf("theirs", true)],
      ["ours", "theirs", "ours", "theirs"],
    );
    // The one that was theirs is gone meanwhile, so the new one is ours.
    assert.equal(cordonOf("theirs", false), "ours");
  });

  test("waits for the drain delay, and can be paused meanwhile", () => {
    const delayed = { drainDelayMs: 2 * minuteMs };
    const waits = run({ phase: "claimed" }, {}, { policy: delayed });
    assert.deepEqual([waits.actions, waits.wakeAtMs], [[], now.monotonicMs + minuteMs]);
    const held = recordOf(run({ phase: "claimed" }, { hold: { reason: "" } }, { policy: delayed }));
    // What can be taken back at any time needs no rest.
    assert.deepEqual([held.phase, held.rest?.untilMs], ["closing", now.wallMs]);
  });

  test("is not given up on an old look at the lock", () => {
    const old = { ledger: ledger(undefined, { observedAtMs: now.monotonicMs - 5_000 }) };
    const decision = run({ phase: "claimed" }, {}, { view: old });
    assert.deepEqual([decision.actions, decision.questions[0]?.kind], [[], "ledger"]);
  });

  test("leaves an adopted cordon alone when the entry that it came with is gone", () => {
    const [action] = run(
      { phase: "claimed", cordon: "ours" },
      { unschedulable: true },
      { view: { ledger: ledger(undefined) } },
    ).actions;
    assert.ok(action?.kind === "writeRecord");
    assert.deepEqual([action.record?.phase, action.unschedulable], ["closing", undefined]);
  });
});

describe("Draining", () => {
  const drains = { phase: "draining", cordon: "ours" } as const;
  const cordoned = { unschedulable: true };

  test("evicts what must go and leaves the agent and the deciding coordinator where they are", () => {
    const own = pod({ namespace: "kube-system", name: "coordinator-1" });
    const pods = answers({ "pods/n1": podsAnswer([agentPod(), own, pod()]) });
    const self = { namespace: "kube-system", pod: "coordinator-1", node: "n1" };
    const { actions } = run(drains, cordoned, { view: { answers: pods }, policy: { self } });
    assert.deepEqual(
      actions.map((action) => action.kind === "evict" && action.pod),
      ["web-1"],
    );
  });

  test("takes our cordon back when it gives up, and never theirs", () => {
    const gone = { ...cordoned, report: reportReading({ need: "notRequired" }) };
    const uncordons = (cordon: MaintenanceRecord["cordon"]) => {
      const [action] = run({ ...drains, cordon }, gone).actions;
      return action?.kind === "writeRecord" && action.unschedulable;
    };
    assert.deepEqual([uncordons("ours"), uncordons("theirs")], [false, undefined]);
  });

  test("rests for one period after a drain that did not end in time", () => {
    const full = answers({ "pods/n1": podsAnswer([agentPod(), pod()]) });
    const late = { view: { answers: full }, policy: { drainTimeoutMs: minuteMs, retryMs: 5 * minuteMs } };
    assert.equal(recordOf(run(drains, cordoned, late)).rest?.untilMs, now.wallMs + 5 * minuteMs);
    const forced = run(
      drains,
      { ...cordoned, report: reportReading({ nonce: "n" }) },
      { ...late, policy: { ...late.policy, onDrainTimeout: "force" } },
    );
    assert.equal(recordOf(forced).phase, "approved");
  });

  test("waits ten minutes for an agent that is gone, counted from when it was missed", () => {
    const missing = { view: { answers: answers({ "pods/n1": podsAnswer([]) }) } };
    assert.equal(recordOf(run(drains, cordoned, missing)).doubtSinceMs, now.wallMs);
    const doubt = (agoMs: number) => run({ ...drains, doubtSinceMs: now.wallMs - agoMs }, cordoned, missing);
    assert.deepEqual(doubt(9 * minuteMs).actions, []);
    assert.equal(recordOf(doubt(10 * minuteMs)).outcome, "withdrawn");
    assert.equal(recordOf(run({ ...drains, doubtSinceMs: 0 }, cordoned)).doubtSinceMs, undefined);
  });

  test("waits no longer than that where its pods cannot be listed, and says that it is for that", () => {
    const failed = { kind: "failed", observedAtMs: now.monotonicMs, reason: "pods is forbidden" } as const;
    const blind = { view: { answers: answers({ "pods/n1": failed }) } };
    const first = run(drains, cordoned, blind);
    assert.equal(recordOf(first).doubtSinceMs, now.wallMs);
    const [reason] = first.verdicts[0]?.reasons ?? [];
    assert.equal(
      reason && sentence(reason),
      "No live agent speaks for this node: its pods cannot be listed (pods is forbidden).",
    );
    const later = run({ ...drains, doubtSinceMs: now.wallMs - 10 * minuteMs }, cordoned, blind);
    assert.equal(recordOf(later).outcome, "withdrawn");
  });

  test("does not wait for it anew whenever another coordinator leads", () => {
    const leadership = { kind: "leading", term: 2, untilMs: Infinity } as const;
    const missing = { view: { leadership, answers: answers({ "pods/n1": podsAnswer([]) }) } };
    const doubtSinceMs = now.wallMs - 9 * minuteMs;
    const { term, doubtSinceMs: kept } = recordOf(run({ ...drains, doubtSinceMs }, cordoned, missing));
    assert.deepEqual([term, kept], [2, doubtSinceMs]);
  });

  test("does not wait for an instant that a wrong clock wrote: every time that counts from it begins now", () => {
    const ahead = now.wallMs + 24 * 60 * minuteMs;
    const instants = { drainingSinceMs: ahead, drainedAtMs: ahead, doubtSinceMs: ahead };
    const { drainingSinceMs, drainedAtMs, doubtSinceMs } = recordOf(run({ ...drains, ...instants }, cordoned));
    assert.deepEqual([drainingSinceMs, drainedAtMs, doubtSinceMs], [now.wallMs, now.wallMs, now.wallMs]);
    const soon = { drainingSinceMs: now.wallMs + minuteMs, drainedAtMs: now.wallMs + minuteMs };
    assert.deepEqual(run({ ...drains, ...soon }, cordoned).actions, [], "clocks may differ a little");
  });

  test("gives a node back whose agent lives and does not ask for the approval, ten minutes after it should have", () => {
    const silent = (ms: number, doubt = {}) => run({ ...drains, phaseSinceMs: now.wallMs - ms, ...doubt }, cordoned);
    assert.deepEqual([silent(89_000).actions, silent(89_000).wakeAtMs], [[], now.monotonicMs + 1_000]);
    assert.equal(recordOf(silent(90_000)).doubtSinceMs, now.wallMs);
    const doubted = (agoMs: number) => silent(20 * minuteMs, { doubtSinceMs: now.wallMs - agoMs });
    assert.deepEqual(doubted(9 * minuteMs).actions, []);
    assert.equal(recordOf(doubted(10 * minuteMs)).outcome, "withdrawn");
  });

  test("gives a node back whose agent uses no approval, which would else stay drained for ever", () => {
    const asks = (attempt: number) =>
      recordOf(run({ ...drains, attempt }, { ...cordoned, report: reportReading({ nonce: "n" }) }));
    assert.deepEqual([asks(9).phase, asks(9).attempt], ["approved", 10]);
    const { outcome, rest } = asks(10);
    assert.equal(outcome, "withdrawn");
    assert.deepEqual(rest, { untilMs: now.wallMs + policy().retryMs, because: "none of 10 approvals led to a reboot" });
  });

  test("starts the reboot delay by writing it down, and does not start it anew", () => {
    const delay = { policy: { rebootDelayMs: minuteMs } };
    const ready = { ...cordoned, report: reportReading({ nonce: "n" }) };
    assert.equal(recordOf(run(drains, ready, delay)).drainedAtMs, now.wallMs);
    const drained = (agoMs: number) => run({ ...drains, drainedAtMs: now.wallMs - agoMs }, ready, delay);
    assert.equal(drained(10_000).wakeAtMs, now.monotonicMs + 50_000);
    assert.equal(recordOf(drained(minuteMs)).phase, "approved");
  });

  test("looks at the pods and the lock once more before it approves", () => {
    const ready = { ...cordoned, report: reportReading({ nonce: "n" }) };
    const asks = (given: Partial<View>) => {
      const { actions, questions } = run(drains, ready, { view: given });
      return actions.length > 0
        ? []
        : questions.filter(({ freshForMs }) => freshForMs <= 2_000).map(({ kind }) => kind);
    };
    assert.deepEqual(asks({}), []);
    assert.deepEqual(asks({ answers: answers({ "pods/n1": podsAnswer([agentPod()], now.monotonicMs - 3_000) }) }), [
      "pods",
    ]);
    assert.deepEqual(asks({ ledger: ledger(entryText(), { observedAtMs: now.monotonicMs - 3_000 }) }), ["ledger"]);
  });

  test("never approves the same request of the agent twice", () => {
    const used = run({ ...drains, nonce: "n", attempt: 1 }, { ...cordoned, report: reportReading({ nonce: "n" }) });
    assert.deepEqual(used.actions, []);
    const written = recordOf(
      run({ ...drains, nonce: "n", attempt: 1 }, { ...cordoned, report: reportReading({ nonce: "m" }) }),
    );
    assert.deepEqual([written.attempt, written.nonce], [2, "m"]);
  });

  test("makes the lock reach beyond the return before it approves", () => {
    const short = {
      view: { ledger: ledger(entryText({ ttlNs: 1_800_000_000_000n })) },
      policy: { lockTtlNs: 1_800_000_000_000n },
    };
    const [action] = run(drains, { ...cordoned, report: reportReading({ nonce: "n" }) }, short).actions;
    assert.ok(action?.kind === "writeLedger" && action.step === "renew");
    const ttl = /"TTL":(\d+)/.exec(action.text ?? "")?.[1];
    assert.ok(Number(ttl) / 1e6 >= 3 * 15 * minuteMs + 2 * minuteMs);
  });
});

describe("Rebooting", () => {
  const commanded = { phase: "rebooting", cordon: "ours", attempt: 1, nonce: "n" } as const;
  const outcome = (
    result: CommandResult | undefined,
    given: Partial<MaintenanceRecord> = {},
    wanted: Partial<Policy> = {},
  ) => {
    const approval = approvalOf(record({ ...commanded, ...given })) ?? "";
    const report = reportReading({ commanded: { boot: "boot-1", approval, ...(result && { result }) } });
    return run({ ...commanded, ...given }, { unschedulable: true, report }, { policy: wanted });
  };

  test("a command that was not run is asked for anew", () => {
    assert.equal(recordOf(outcome({ kind: "notRun" })).phase, "draining");
  });

  test("an interrupted agent is believed only where no shutdown is pending, and five times", () => {
    for (const shutdown of ["yes", "unknown"] as const)
      assert.deepEqual(outcome({ kind: "interrupted", shutdown }).actions, []);
    assert.equal(recordOf(outcome({ kind: "interrupted", shutdown: "no" })).phase, "draining");
    assert.ok(recordOf(outcome({ kind: "interrupted", shutdown: "no" }, { attempt: 5 })).failure);
  });

  test("a failed command gives the cordon back or keeps it, as asked, and only where no shutdown is pending", () => {
    const failed = (shutdown: "yes" | "no" | "unknown", failedReboot: Policy["failedReboot"]) => {
      const [action] = outcome({ kind: "failed", reason: "exit code 1", shutdown }, {}, { failedReboot }).actions;
      return action?.kind === "writeRecord" ? [action.step, action.record?.cordon, action.unschedulable] : [];
    };
    assert.deepEqual(failed("unknown", "giveBack"), []);
    assert.deepEqual(failed("no", "giveBack"), ["fail", "none", false]);
    assert.deepEqual(failed("no", "keepCordon"), ["fail", "ours", undefined]);
  });

  test("a failed reboot is tried again by a new agent, and ends with the need or with a boot", () => {
    const failed = { ...commanded, failure: { reason: "exit code 1", pod: "agent-1" } };
    const next = (given: Parameters<typeof reportReading>[0]) => {
      const { actions } = run(failed, { unschedulable: true, report: reportReading(given) });
      return actions.map((action) => action.kind === "writeRecord" && action.record?.phase);
    };
    assert.deepEqual(next({}), []);
    assert.deepEqual(next({ pod: "agent-2" }), ["closing"]);
    assert.deepEqual(next({ need: "notRequired" }), ["closing"]);
    assert.deepEqual(next({ boot: "boot-2" }), ["returning"]);
  });

  test("a node that is given back says so once, and why", () => {
    const failed = { ...commanded, failure: { reason: "exit code 1", pod: "agent-1" } };
    const given = run(failed, { unschedulable: true, report: reportReading({ pod: "agent-2" }) });
    assert.equal(recordOf(given).rest?.because, "a new agent runs after the failed reboot and may try again");
  });

  test("a machine that went down and stays away is not told as one on which nothing happened", () => {
    const approval = approvalOf(record(commanded)) ?? "";
    const report = reportReading({ commanded: { boot: "boot-1", approval, result: { kind: "accepted" } } });
    const told = (ready: boolean) => {
      const since = { ...commanded, phaseSinceMs: now.wallMs - 24 * 60 * minuteMs };
      const [reason] = run(since, { unschedulable: true, ready, report }).verdicts[0]?.reasons ?? [];
      return reason?.code === "RebootOverdue" ? reason.detail : reason?.code;
    };
    assert.equal(told(true), "the reboot command said yes, and nothing happened");
    assert.equal(told(false), "the reboot command said yes, and the node is not Ready");
  });

  test("a cordon that somebody took away is not ours any more when the machine is back", () => {
    const back = run(commanded, { unschedulable: false, report: reportReading({ boot: "boot-2" }) });
    assert.equal(recordOf(back).cordon, "none");
  });

  test("the kubelet's word of a new boot is enough, a new pod's is not", () => {
    const witnessed = { ...commanded, kubeletBoot: "kernel-1" };
    assert.equal(recordOf(run(witnessed, { unschedulable: true, kubeletBoot: "kernel-2" })).phase, "returning");
    assert.deepEqual(
      run(witnessed, { unschedulable: true, kubeletBoot: "kernel-1", report: reportReading({ pod: "agent-2" }) })
        .actions,
      [],
    );
  });
});

describe("Returning", () => {
  const back = { phase: "returning", cordon: "ours" } as const;

  test("waits for Ready, for the new boot's agent, and for a sentinel that can be read", () => {
    const waits = (given: Partial<NodeFacts>) => run(back, { unschedulable: true, ...given }).actions.length === 0;
    const fine = { boot: "boot-2", need: "notRequired" } as const;
    assert.deepEqual(
      [
        waits({ ready: false, report: reportReading(fine) }),
        waits({ report: reportReading({ need: "notRequired" }) }),
        waits({ report: reportReading({ ...fine, need: "unknown" }) }),
        waits({ report: reportReading(fine) }),
      ],
      [true, true, true, false],
    );
  });

  test("tells success apart from a machine that still asks for a reboot", () => {
    const outcome = (need: "required" | "notRequired") =>
      recordOf(run(back, { unschedulable: true, report: reportReading({ boot: "boot-2", need }) })).outcome;
    assert.deepEqual([outcome("notRequired"), outcome("required")], ["done", "stillRequired"]);
  });
});

test("whoever is in the lock for a time wakes for the renewal before that is over", () => {
  const ttl = 3_600_000_000_000n;
  const lock = view({ ledger: ledger(entryText({ ttlNs: ttl })) });
  const scene = { view: lock, policy: policy({ lockTtlNs: ttl }), now, stopped: [], memo: {} };
  const renew = renewFor({ node: node(), record: record() }, { scene, reachMs: 10 * minuteMs });
  // It was taken two minutes ago.
  assert.deepEqual(renew, { wakeAtMs: [now.monotonicMs + 48 * minuteMs + 1] });
});

describe("Approved", () => {
  const given = { phase: "approved", cordon: "ours", attempt: 1, nonce: "nonce-1" } as const;
  const facts = { unschedulable: true, report: reportReading({ nonce: "nonce-1" }) };

  test("stands for ninety seconds, and is taken back when nobody has used it by then", () => {
    const fresh = run({ ...given, phaseSinceMs: now.wallMs - 89_999 }, facts);
    assert.deepEqual([fresh.actions, fresh.wakeAtMs], [[], now.monotonicMs + 1]);
    const unused = run({ ...given, phaseSinceMs: now.wallMs - 90_000 }, facts);
    assert.deepEqual([stepsOf(unused), recordOf(unused).phase], [["resume"], "draining"]);
  });
});

describe("Closing", () => {
  const free = { view: { ledger: ledger(undefined) } };
  const calm = { report: reportReading({ boot: "boot-2", need: "notRequired" }) };

  test("keeps the lock for its release delay, counted from what is written, and not after giving up", () => {
    const delayed = { policy: { lockReleaseDelayMs: 2 * minuteMs } };
    const waits = run({ phase: "closing", outcome: "done" }, calm, delayed);
    assert.deepEqual([waits.actions, waits.wakeAtMs], [[], now.monotonicMs + minuteMs]);
    assert.equal(run({ phase: "closing", outcome: "withdrawn" }, calm, delayed).actions.length, 1);
  });

  test("what was withdrawn before any approval stays until a late claim could not come any more", () => {
    const withdrawn = (agoMs: number) =>
      run({ phase: "closing", outcome: "withdrawn", phaseSinceMs: now.wallMs - agoMs }, calm, free);
    assert.deepEqual([withdrawn(10_000).actions, withdrawn(10_000).wakeAtMs], [[], now.monotonicMs + 25_000]);
    assert.deepEqual(stepsOf(withdrawn(35_000)), ["forget"]);
  });

  test("a look at the lock from before proves nothing", () => {
    const old = { view: { ledger: ledger(undefined, { observedAtMs: now.monotonicMs - 2 * minuteMs }) } };
    const decision = run({ phase: "closing", outcome: "stillRequired" }, {}, old);
    assert.deepEqual([decision.actions, decision.questions.map(({ kind }) => kind)], [[], ["nodes", "ledger"]]);
  });

  test("a node that still asks after its reboot is not rebooted again", () => {
    const decision = run({ phase: "closing", outcome: "stillRequired" }, {}, free);
    assert.deepEqual(decision.actions, []);
    // Somebody may remove the record, so that all begins anew: who waits for that looks at the node now and then.
    const { waitingMs } = policy().freshness;
    assert.deepEqual(decision.questions, [{ kind: "nodes", freshForMs: waitingMs }]);
    assert.equal(decision.verdicts[0]?.reasons[0].code, "StillRequired");
    assert.deepEqual(stepsOf(run({ phase: "closing", outcome: "stillRequired" }, calm, free)), ["forget"]);
  });

  test("a rest of one period lasts, as the clock of the one who wrote it had it", () => {
    const rest = { untilMs: now.wallMs + policy().retryMs, because: "it was held" };
    const resting = run({ phase: "closing", outcome: "withdrawn", rest }, {}, free);
    assert.deepEqual([resting.actions, resting.verdicts[0]?.reasons[0].code], [[], "Resting"]);
  });

  test("a rest ends at its time, and one that a wrong clock wrote at once", () => {
    const rests = (untilMs: number) =>
      run({ phase: "closing", outcome: "withdrawn", rest: { untilMs, because: "x" } }, {}, free);
    assert.deepEqual(
      [rests(now.wallMs + minuteMs).actions, rests(now.wallMs + minuteMs).wakeAtMs],
      [[], now.monotonicMs + minuteMs],
    );
    assert.deepEqual(stepsOf(rests(now.wallMs - 1)), ["forget"]);
    assert.deepEqual(stepsOf(rests(now.wallMs + 1_000 * minuteMs)), ["forget"]);
  });
});

/** What is decided about one node in hand, whose entry is in the lock unless said. */
function run(
  given: Partial<MaintenanceRecord>,
  facts: Partial<NodeFacts> = {},
  { view: known = {}, policy: wanted = {} }: { view?: Partial<View>; policy?: Partial<Policy> } = {},
): Decision {
  const inHand = node({ record: recordReading(given), ...facts });
  return decide(view({ nodes: [inHand], ledger: ledger(entryText()), ...known }), policy(wanted), later(0));
}

function recordOf({ actions }: Decision): MaintenanceRecord {
  const [action] = actions;
  assert.ok(action?.kind === "writeRecord" && action.record, "a record is written");
  return action.record;
}

function stepsOf({ actions }: Decision): readonly string[] {
  return actions.map((action: Action) => ("step" in action ? action.step : action.kind));
}
