import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Action } from "./action.ts";
import { decide, type Decision } from "./decide.ts";
import type { NodeFacts } from "./fleet/node.ts";
import type { View } from "./fleet/view.ts";
import type { Policy } from "./policy/policy.ts";
import {
  agentPod,
  answers,
  entryText,
  later,
  ledger,
  listText,
  neverOpen,
  node,
  now,
  podsAnswer,
  policy,
  record,
  recordReading,
  reportReading,
  view,
} from "./testing/builders.ts";
import { isPassing } from "./verdict/reason.ts";
import { sentence } from "./verdict/sentence.ts";

describe("Whose turn it is", () => {
  test("the node with the oldest need begins, and the others are told how many go first", () => {
    const decision = decided({ nodes: [needing("n1", 10), needing("n2", 30), needing("n3", 20)] });
    assert.deepEqual(steps(decision), ["intend n2"]);
    assert.deepEqual(codes(decision), ["BudgetFull", "Claiming", "BudgetFull"]);
    assert.deepEqual(decision.verdicts[0]?.reasons.at(-1), { code: "Queued", ahead: 2 });
  });

  test("with room for two, two begin", () => {
    const decision = decided({ nodes: [needing("n1", 10), needing("n2", 30), needing("n3", 20)] }, { concurrency: 2 });
    assert.deepEqual(steps(decision), ["intend n2", "intend n3"]);
  });

  test("an intent of an earlier decision takes a place", () => {
    const intended = needing("n2", 5, { record: recordReading({ phase: "intended", machine: "uid-n2" }) });
    assert.deepEqual(steps(decided({ nodes: [needing("n1", 10), intended] })), ["take n2"]);
  });

  test("a node that is not Ready or cordoned by somebody takes a place, and so does another installation's", () => {
    for (const out of [
      { ready: false },
      { unschedulable: true },
      { record: recordReading({ owner: "other/kured" }) },
    ]) {
      const other = node({ name: "n2", report: reportReading({ need: "notRequired" }), ...out });
      assert.deepEqual(steps(decided({ nodes: [needing("n1", 10), other] })), [], JSON.stringify(out));
    }
  });

  test("a node that is itself out of service may be rebooted", () => {
    assert.deepEqual(steps(decided({ nodes: [needing("n1", 10, { unschedulable: true })] })), ["intend n1"]);
  });

  test("two control-plane nodes never go at once", () => {
    const nodes = [
      needing("n1", 30, { controlPlane: true }),
      needing("n2", 20, { controlPlane: true }),
      needing("n3", 10),
    ];
    assert.deepEqual(steps(decided({ nodes }, { concurrency: 3 })), ["intend n1", "intend n3"]);
  });

  test("a lock holder that is not known may be a control-plane node", () => {
    const held = ledger(listText([entryText({ node: "unknown" })]));
    const nodes = [needing("n1", 30, { controlPlane: true })];
    assert.deepEqual(steps(decided({ nodes, ledger: held }, { concurrency: 2 })), []);
  });

  test("the node of the deciding coordinator goes last", () => {
    const self = { namespace: "kube-system", pod: "kured-coordinator-1", node: "n1" };
    assert.deepEqual(steps(decided({ nodes: [needing("n1", 30), needing("n2", 10)] }, { self })), ["intend n2"]);
  });

  test("nobody overtakes a node whose agent has not been seen yet", () => {
    const nodes = [needing("n1", 30), needing("n2", 10)];
    const known = answers({ "pods/n2": podsAnswer([agentPod({ nodeName: "n2" })]) });
    const without = new Map([...known].filter(([key]) => key !== "pods/n1"));
    const decision = decided({ nodes, answers: without });
    assert.deepEqual(steps(decision), []);
    assert.ok(decision.questions.some((question) => question.kind === "pods" && question.node === "n1"));
  });

  test("a node without a live agent does not keep the others waiting", () => {
    const nodes = [needing("n1", 30), needing("n2", 10)];
    const decision = decided({ nodes, answers: agents(["n2"], { "pods/n1": podsAnswer([]) }) });
    assert.deepEqual(steps(decision), ["intend n2"]);
    assert.equal(codes(decision)[0], "AgentMissing");
  });

  test("nothing is begun while a node did not come back", () => {
    const failure = { reason: "no", pod: "agent-1" };
    const failed = node({ name: "n2", record: recordReading({ phase: "rebooting", machine: "uid-n2", failure }) });
    const decision = decided({ nodes: [needing("n1", 10), failed] }, { concurrency: 2 });
    assert.deepEqual(steps(decision), []);
    assert.deepEqual(codes(decision), ["RollOutStopped", "Failed"]);
  });

  test("nothing is begun before it is written that a node whose reboot failed is given back", () => {
    const failure = { reason: "no", pod: "agent-1" };
    const mended = node({
      name: "n2",
      record: recordReading({ phase: "rebooting", machine: "uid-n2", failure }),
      report: reportReading({ pod: "agent-2" }),
    });
    const decision = decided({ nodes: [needing("n1", 10), mended] }, { concurrency: 2 });
    assert.deepEqual(steps(decision), ["close n2"]);
    assert.equal(codes(decision)[0], "RollOutStopped");
  });
});

describe("What keeps a node from its turn", () => {
  test("every reason is told, what people asked for first", () => {
    const facts = needing("n1", 10, { hold: { reason: "" }, pause: { reason: "" } });
    const [verdict] = decided(
      { nodes: [facts], ledger: ledger(undefined, { pause: { reason: "" } }) },
      { window: neverOpen },
    ).verdicts;
    assert.deepEqual(
      verdict?.reasons.map(({ code }) => code),
      ["Paused", "Paused", "Held", "OutsideWindow"],
    );
  });

  test("what is wanted of one node is told of that node alone, what is wanted of the fleet of all", () => {
    const nodes = [needing("n1", 10, { hold: { reason: "" } }), needing("n2", 10), needing("n3", 10)];
    const told = (given: Parameters<typeof decided>[0], wanted: Parameters<typeof decided>[1] = {}) =>
      decided({ nodes, ...given }, wanted).verdicts.map(({ reasons }) => reasons.map(({ code }) => code).join());
    assert.equal(told({})[0], "Held");
    assert.ok(!told({}).slice(1).join().includes("Held"));
    assert.deepEqual(told({ ledger: ledger(undefined, { pause: { reason: "" } }) }), [
      "Paused,Held",
      "Paused",
      "Paused",
    ]);
    const closed = ["Held,OutsideWindow", "OutsideWindow", "OutsideWindow"];
    assert.deepEqual(told({}, { window: neverOpen }), closed);
  });

  test("a pause with an end wakes the decider then", () => {
    const facts = needing("n1", 10, { pause: { reason: "", untilMs: now.wallMs + 3_000 } });
    assert.equal(decided({ nodes: [facts] }).wakeAtMs, now.monotonicMs + 3_000);
    assert.deepEqual(steps(decided({ nodes: [facts] }, {}, 3_000)), ["intend n1"]);
  });

  test("a reboot was commanded and its record removed: only its outcome tells what to do", () => {
    const commanded = { boot: "boot-1", approval: "x/1/y" };
    const decision = decided({ nodes: [node({ report: reportReading({ commanded }) })] });
    assert.deepEqual([steps(decision), codes(decision)], [[], ["CannotReboot"]]);
    const none = { ...commanded, result: { kind: "interrupted", shutdown: "no" } } as const;
    assert.deepEqual(steps(decided({ nodes: [node({ report: reportReading({ commanded: none }) })] })), ["intend n1"]);
  });

  test("a record that nobody can read is left alone and told", () => {
    const facts = node({ record: { kind: "unreadable", text: "=stop", reason: "not JSON" } });
    const decision = decided({ nodes: [facts] });
    assert.deepEqual([steps(decision), codes(decision)], [[], ["RecordUnreadable"]]);
  });
});

describe("The lock", () => {
  test("a lock by hand stops everything and says so", () => {
    const manual = {
      "nodeExists/manual": { kind: "nodeExists", node: { kind: "gone" }, observedAtMs: now.monotonicMs },
    } as const;
    const decision = decided({ ledger: ledger('{"nodeID":"manual"}'), answers: answers(manual) });
    assert.deepEqual([steps(decision), codes(decision)], [[], ["LockedBy"]]);
    const waiting = node({ record: recordReading({ phase: "intended" }) });
    const list = ledger(listText(['{"nodeID":"manual"}']));
    assert.deepEqual(
      steps(decided({ nodes: [waiting], ledger: list, answers: answers(manual) }, { concurrency: 2 })),
      [],
    );
  });

  test("nobody hears of a holder without a time before it is known whether that is a node or a person", () => {
    const manual = { ledger: ledger('{"nodeID":"manual"}') };
    const asked = { kind: "failed", reason: "no answer", observedAtMs: now.monotonicMs } as const;
    const [before, after] = [manual, { ...manual, answers: answers({ "nodeExists/manual": asked }) }].map(
      (given) => decided(given).verdicts[0]?.reasons[0],
    );
    assert.ok(before && after && isPassing(before) && !isPassing(after));
    assert.equal(
      sentence(after),
      'The lock is not free: "manual" holds it without a time, and whether that is a node cannot be told now.',
    );
  });

  test("nobody hears of a lock that is being read for the first time, only of one that cannot be", () => {
    const told = [{}, { reason: "403" }].map((why) => {
      const inHand = node({ name: "n2", record: recordReading({ phase: "claimed", machine: "uid-n2" }) });
      const { verdicts } = decided({ nodes: [needing("n1", 1), inHand], ledger: { kind: "unseen", ...why } });
      return verdicts.map(({ reasons: [reason] }) => [reason.code, isPassing(reason)]);
    });
    const both = (passing: boolean) => ["n1", "n2"].map(() => ["LockUnknown", passing]);
    assert.deepEqual(told, [both(true), both(false)]);
  });

  test("who waits for a node that is away for longer than a reboot may take is told that it has not come back", () => {
    const { rebootDeadlineMs } = policy();
    const away = (sinceMs: number) => {
      const n9 = { kind: "present", uid: "u", ready: false, unschedulable: true, settledForMs: 0 } as const;
      const seen = { kind: "nodeExists", node: { ...n9, awaySinceMs: sinceMs }, observedAtMs: -Infinity } as const;
      const held = ledger(entryText({ node: "n9" }));
      return decided({ leadership: { kind: "alone" }, ledger: held, answers: answers({ "nodeExists/n9": seen }) });
    };
    const codesOf = ({ verdicts: [verdict] }: Decision) => verdict?.reasons.map(({ code }) => code);
    assert.deepEqual(codesOf(away(now.wallMs - rebootDeadlineMs)), ["LockedBy", "BudgetFull"]);
    const late = away(now.wallMs - rebootDeadlineMs - 1);
    assert.deepEqual(codesOf(late), ["RollOutStopped", "LockedBy", "BudgetFull"]);
    assert.deepEqual(late.verdicts[0]?.reasons[0], { code: "RollOutStopped", nodes: ["n9"] });
  });

  test("text that is not JSON is never written over", () => {
    const decision = decided({
      nodes: [node({ record: recordReading({ phase: "intended" }) })],
      ledger: ledger("=stop"),
    });
    assert.deepEqual([steps(decision), codes(decision)], [[], ["LockedBy"]]);
  });

  test("the entry of a node that the API server calls gone is freed, and no other", () => {
    const gone = { kind: "nodeExists", node: { kind: "gone" }, observedAtMs: now.monotonicMs } as const;
    const quiet = {
      nodes: [node({ report: reportReading({ need: "notRequired" }) })],
      ledger: ledger(entryText({ node: "n9" })),
    };
    assert.deepEqual(steps(decided({ ...quiet, answers: answers({ "nodeExists/n9": gone }) })), ["free n9"]);
    assert.deepEqual(steps(decided(quiet)), []);
    const failed = { kind: "failed", reason: "no answer", observedAtMs: now.monotonicMs } as const;
    assert.deepEqual(steps(decided({ ...quiet, answers: answers({ "nodeExists/n9": failed }) })), []);
  });

  test("whoever waits for the end of another's time is woken then", () => {
    const untilMs = now.wallMs - 120_000 + 1_800_000;
    const held = ledger(entryText({ node: "n9", ttlNs: 1_800_000_000_000n }));
    assert.equal(decided({ ledger: held }).wakeAtMs, now.monotonicMs + (untilMs - now.wallMs));
  });

  test("at most one write of it in one decision", () => {
    const intended = ["n1", "n2"].map((name) =>
      node({ name, record: recordReading({ phase: "intended", machine: `uid-${name}` }) }),
    );
    const decision = decided({ nodes: intended }, { concurrency: 2 });
    assert.deepEqual(steps(decision), ["take n1"]);
    assert.deepEqual(
      decision.verdicts.map(({ reasons: [{ code }] }) => code),
      ["Claiming", "Claiming"],
      "the other's turn is next",
    );
  });

  test("a node of which something else is written first takes no turn from the others", () => {
    const leadership = { kind: "leading", term: 2, untilMs: Infinity } as const;
    const intended = [1, 2].map((term) =>
      node({ name: `n${term}`, record: recordReading({ phase: "intended", machine: `uid-n${term}`, term }) }),
    );
    const seen = answers({ "pods/n2": podsAnswer([agentPod()]) });
    const decision = decided({ nodes: intended, leadership, answers: seen }, { concurrency: 2 });
    assert.deepEqual(steps(decision), ["raiseTerm n1", "take n2"]);
  });
});

describe("An entry of a node without a record", () => {
  const entry = ledger(entryText());

  test("is taken over with its cordon, to be drained on", () => {
    const { actions, verdicts } = decided({ nodes: [node({ unschedulable: true })], ledger: entry });
    const [action] = actions;
    assert.deepEqual(verdicts[0]?.reasons, [{ code: "Claiming", adopts: true }]);
    assert.ok(action?.kind === "writeRecord" && action.step === "adopt");
    const { phase, cordon, lock, boot } = action.record ?? record();
    assert.deepEqual(
      { phase, cordon, lock, boot },
      { phase: "claimed", cordon: "ours", lock: record().lock, boot: "boot-1" },
    );
  });

  test("is finished where the machine has booted since", () => {
    const facts = node({ unschedulable: true, report: reportReading({ bootedAtMs: now.wallMs - 1_000 }) });
    const [adopt] = decided({ nodes: [facts], ledger: entry }).actions;
    assert.ok(adopt?.kind === "writeRecord" && adopt.record);
    const adopted = { ...facts, record: recordReading(adopt.record) };
    const seen = { ...ledger(entryText()), observedAtMs: now.monotonicMs };
    assert.deepEqual(steps(decided({ nodes: [adopted], ledger: seen })), ["return n1"]);
  });

  test("whose cordon was there before keeps it", () => {
    const before = ledger(entryText({ unschedulable: true }));
    const [action] = decided({ nodes: [node({ unschedulable: true })], ledger: before }).actions;
    assert.equal(action?.kind === "writeRecord" && action.record?.cordon, "theirs");
  });

  test("waits for a live agent, and goes on asking for it", () => {
    const decision = decided({ ledger: entry, answers: answers({ "pods/n1": podsAnswer([]) }) });
    assert.deepEqual([steps(decision), codes(decision)], [[], ["AgentMissing"]]);
    assert.ok(decision.questions.some(({ kind }) => kind === "pods"));
  });
});

describe("Who decides", () => {
  const inHand = node({ record: recordReading({ phase: "claimed", term: 1 }) });

  test("a follower does nothing and asks for nothing", () => {
    const leadership = { kind: "following", holder: "b" } as const;
    const decision = decided({ nodes: [inHand, needing("n2", 1)], leadership });
    assert.deepEqual([decision.actions, decision.questions], [[], []]);
    assert.deepEqual(codes(decision), ["NotLeading", "NotLeading"]);
  });

  test("a term that has run out is none, and its end is waited for", () => {
    const leadership = { kind: "leading", term: 1, untilMs: now.monotonicMs + 3_000 } as const;
    const paused = ledger(undefined, { pause: { reason: "" } });
    assert.equal(decided({ leadership, ledger: paused }).wakeAtMs, now.monotonicMs + 3_000);
    assert.deepEqual(steps(decided({ leadership }, {}, 3_000)), []);
  });

  test("a new leader raises the term before it acts; one that was overtaken leaves the record alone", () => {
    const held = ledger(entryText());
    const leads = (term: number) => ({ kind: "leading", term, untilMs: Infinity }) as const;
    const [action] = decided({ nodes: [inHand], ledger: held, leadership: leads(2) }).actions;
    assert.deepEqual(action?.kind === "writeRecord" && [action.step, action.record?.term, action.record?.phase], [
      "raiseTerm",
      2,
      "claimed",
    ]);
    assert.deepEqual(codes(decided({ nodes: [inHand], ledger: held, leadership: leads(0) })), ["NotLeading"]);
  });

  test("a time that lies in the future is set right rather than waited for", () => {
    const facts = node({ record: recordReading({ phase: "claimed", phaseSinceMs: now.wallMs + 3_600_000 }) });
    const [action] = decided({ nodes: [facts], ledger: ledger(entryText()) }).actions;
    assert.equal(action?.kind === "writeRecord" && action.record?.phaseSinceMs, now.wallMs);
  });
});

describe("A write that went wrong", () => {
  const ended = (outcome: "conflict" | "failed", failures: number) =>
    new Map([
      [
        "record/n1",
        { last: { outcome: { kind: outcome, reason: "" }, endedAtMs: now.monotonicMs }, failures, jitter: 0.5 },
      ],
    ]);

  test("is tried again after a rest that grows, after a conflict at once the first times", () => {
    const wake = (outcome: "conflict" | "failed", failures: number) => {
      const { actions, wakeAtMs } = decided({ attempts: ended(outcome, failures) });
      return actions.length > 0 ? 0 : wakeAtMs - now.monotonicMs;
    };
    assert.deepEqual(
      [1, 2, 3, 9].map((failures) => wake("failed", failures)),
      [1_000, 2_000, 4_000, 30_000],
    );
    assert.deepEqual(
      [1, 3, 4].map((failures) => wake("conflict", failures)),
      [0, 0, 1_000],
    );
  });

  test("is not repeated while it is under way", () => {
    const attempts = new Map([["record/n1", { inFlightSinceMs: now.monotonicMs, failures: 0, jitter: 0 }]]);
    assert.deepEqual(steps(decided({ attempts })), []);
  });
});

describe("A daemon that polls", () => {
  const alone = { leadership: { kind: "alone" } } as const;
  const idle = node({ report: reportReading({ need: "notRequired" }) });

  test("says nothing of an agent that has not reported yet, because that is itself; a coordinator does", () => {
    const nodes = [node({ report: { kind: "absent" } })];
    for (const agentProof of ["self", "pod"] as const) {
      const [verdict] = decided({ ...alone, nodes }, { agentProof }).verdicts;
      assert.equal(verdict?.reasons[0].code, "AgentMissing");
      assert.equal(verdict && isPassing(verdict.reasons[0]), agentProof === "self");
    }
  });

  test("asks for nothing while no reboot is required", () => {
    assert.deepEqual(decided({ ...alone, nodes: [idle] }).questions, []);
  });

  test("looks at the lock once, so that what Go kured left is found", () => {
    const unseen = { kind: "unseen" } as const;
    const questions = decided({ ...alone, nodes: [idle], ledger: unseen }).questions;
    assert.deepEqual(
      questions.map(({ kind }) => kind),
      ["ledger"],
    );
  });

  test("looks at the lock and its holder as seldom as it may while it waits", () => {
    const held = ledger(entryText({ node: "n9" }));
    const { questions } = decided({ ...alone, ledger: held }, { agentProof: "self" });
    assert.deepEqual(questions, [
      { kind: "ledger", freshForMs: 10_000 },
      { kind: "nodeExists", node: "n9", freshForMs: 50_000 },
    ]);
  });
});

function decided(given: Partial<View> = {}, wanted: Partial<Policy> = {}, laterMs = 0): Decision {
  const known = given.answers ?? agents((given.nodes ?? []).map(({ name }) => name));
  return decide(view({ ...given, answers: known }), policy(wanted), later(laterMs));
}

/** All these nodes have their live agent. */
function agents(names: readonly string[], others: Parameters<typeof answers>[0] = {}): View["answers"] {
  const alive = names.map((name) => [`pods/${name}`, podsAnswer([agentPod({ nodeName: name })])] as const);
  return answers({ ...Object.fromEntries(alive), ...others });
}

function needing(name: string, forMinutes: number, given: Partial<NodeFacts> = {}): NodeFacts {
  return node({ name, report: reportReading({ sinceMs: now.wallMs - forMinutes * 60_000 }), ...given });
}

function steps({ actions }: Decision): readonly string[] {
  return actions.map((action: Action) => `${"step" in action ? action.step : action.kind} ${action.node}`);
}

function codes({ verdicts }: Decision): readonly string[] {
  return verdicts.map(({ reasons }) => reasons[0].code);
}
