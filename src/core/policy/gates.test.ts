import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decide, type Decision } from "../decide.ts";
import type { MaintenanceRecord } from "../fleet/record.ts";
import type { View } from "../fleet/view.ts";
import type { Answer } from "../question.ts";
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
  recordReading,
  reportReading,
  view,
} from "../testing/builders.ts";
import { isPassing } from "../verdict/reason.ts";
import type { Policy } from "./policy.ts";

const open: Answer = { kind: "gate", state: { kind: "open" }, observedAtMs: now.monotonicMs };
const alert: Answer = { ...open, state: { kind: "closed", by: "alert", detail: "1 active alerts: [A]" } };
const batch: Answer = { ...open, state: { kind: "closed", by: "pod", detail: "matching pods: [batch-1]" } };
const failed: Answer = { kind: "failed", reason: "no answer within 10 s", observedAtMs: now.monotonicMs };
const gates: Policy["gates"] = [
  { name: "alerts", scope: "fleet" },
  { name: "pods", scope: "node" },
];

type Said = Readonly<{ alerts?: Answer; pods?: Answer }>;
const bothOpen: Said = { alerts: open, pods: open };

/** Decides about `n1`, of whose gates this is known. */
function run(
  said: Said,
  { given = {}, wanted = {}, at = now }: { given?: Partial<View>; wanted?: Partial<Policy>; at?: typeof now } = {},
) {
  const known = new Map([...(given.answers ?? answers())]);
  if (said.alerts) known.set("gate/alerts", said.alerts);
  if (said.pods) known.set("gate/pods/n1", said.pods);
  return decide(view({ ...given, answers: known }), policy({ gates, ...wanted }), at);
}

/** With a record of `n1`, which is in the lock. */
function inHand(
  record: Partial<MaintenanceRecord>,
  {
    said,
    pods = [],
    nonce,
    wanted = {},
    attempts = new Map(),
  }: {
    said: Said;
    pods?: Parameters<typeof podsAnswer>[0];
    nonce?: string;
    wanted?: Partial<Policy>;
    attempts?: View["attempts"];
  },
): Decision {
  const cordoned = record.phase !== "claimed";
  const reading = recordReading({ cordon: cordoned ? "ours" : "none", ...record });
  const report = reportReading(nonce === undefined ? {} : { nonce });
  const given = {
    nodes: [node({ record: reading, unschedulable: cordoned, report })],
    ledger: ledger(entryText()),
    answers: answers({ "pods/n1": podsAnswer([agentPod(), ...pods]) }),
    attempts,
  };
  return run(said, { given, wanted });
}

function code({ verdicts }: Decision): string | undefined {
  return verdicts[0]?.reasons[0].code;
}

function gatesAsked({ questions }: Decision): readonly string[] {
  return questions.flatMap((question) => (question.kind === "gate" ? [`${question.gate}/${question.node ?? ""}`] : []));
}

function steps({ actions }: Decision): readonly string[] {
  return actions.map((action) => ("step" in action ? action.step : action.kind));
}

function outcome({ actions: [action] }: Decision) {
  assert.ok(action?.kind === "writeRecord");
  return [action.record?.phase, action.record?.outcome, action.unschedulable];
}

describe("Before the claim", () => {
  test("both gates are asked, the alerts once for the fleet and the pods for the node, and nothing is begun", () => {
    const decision = run({});
    assert.deepEqual([steps(decision), gatesAsked(decision)], [[], ["alerts/", "pods/n1"]]);
  });

  test("with all gates open the node has its turn", () => {
    assert.deepEqual(steps(run(bothOpen)), ["intend"]);
  });

  test("an open gate counts only while the answer is fresh", () => {
    const decision = run(bothOpen, {
      at: later(2_001),
      given: { answers: answers({ "pods/n1": podsAnswer([agentPod()], now.monotonicMs + 2_001) }) },
    });
    assert.deepEqual([steps(decision), gatesAsked(decision)], [[], ["alerts/", "pods/n1"]]);
  });

  test("a closed gate keeps the node up, says so, and is asked again, however old its answer", () => {
    for (const at of [now, later(60_000)]) {
      const decision = run({ ...bothOpen, alerts: alert }, { at });
      assert.deepEqual([steps(decision), code(decision)], [[], "BlockedByAlert"]);
      assert.deepEqual(gatesAsked(decision), ["alerts/", "pods/n1"]);
    }
    assert.equal(code(run({ ...bothOpen, pods: batch })), "BlockedByPod");
  });

  test("what cannot be asked is a no", () => {
    const decision = run({ ...bothOpen, alerts: failed });
    assert.deepEqual([steps(decision), code(decision)], [[], "GateUnknown"]);
  });

  test("all that is closed is told, in the order of the gates", () => {
    const codes = run({ alerts: alert, pods: batch }).verdicts[0]?.reasons.map((reason) => reason.code);
    assert.deepEqual(codes, ["BlockedByAlert", "BlockedByPod"]);
  });

  test("a node that its pods keep up does not keep the next one from its turn", () => {
    const report = reportReading({ pod: "agent-2", sinceMs: now.wallMs });
    const nodes = [node(), node({ name: "n2", report })];
    const second = answers({ "pods/n2": podsAnswer([agentPod({ uid: "agent-2" })]), "gate/pods/n2": open });
    const decision = run({ ...bothOpen, pods: batch }, { given: { nodes, answers: second } });
    assert.deepEqual(
      decision.actions.map((action) => action.node),
      ["n2"],
    );
  });
});

describe("With the lock held", () => {
  test("the gates are asked once more after the claim was written, and then the node is cordoned", () => {
    const attempts: View["attempts"] = new Map([
      ["record/n1", { failures: 0, jitter: 0, last: { outcome: { kind: "done" }, endedAtMs: now.monotonicMs } }],
    ]);
    const earlier = { ...open, observedAtMs: now.monotonicMs - 1 };
    const stale = inHand({ phase: "claimed" }, { said: { alerts: earlier, pods: earlier }, attempts });
    assert.deepEqual([steps(stale).includes("cordon"), gatesAsked(stale)], [false, ["alerts/", "pods/n1"]]);
    assert.deepEqual(steps(inHand({ phase: "claimed" }, { said: bothOpen, attempts: new Map() })), ["cordon"]);
  });

  test("a gate that has closed meanwhile gives the node back untouched", () => {
    const given = inHand({ phase: "claimed" }, { said: { ...bothOpen, pods: batch } });
    assert.deepEqual(outcome(given), ["closing", "withdrawn", undefined]);
  });

  test("before the first eviction a pod that came until the cordon gives the node back", () => {
    const pods = [pod()];
    assert.deepEqual(steps(inHand({ phase: "draining" }, { said: bothOpen, pods })), ["evict"]);
    assert.deepEqual(steps(inHand({ phase: "draining" }, { said: {}, pods })), []);
    const given = inHand({ phase: "draining" }, { said: { ...bothOpen, pods: batch }, pods });
    assert.deepEqual(outcome(given), ["closing", "withdrawn", false]);
  });

  test("a drain that has begun goes on, whatever alerts it raises", () => {
    const pods = [pod({ name: "going", deletionTimestampMs: now.wallMs + 30_000 }), pod()];
    assert.deepEqual(steps(inHand({ phase: "draining" }, { said: { ...bothOpen, alerts: alert }, pods })), ["evict"]);
  });
});

describe("Before the reboot", () => {
  const nonce = "nonce-1";

  test("the gates are asked a last time, and then it is approved", () => {
    const asks = inHand({ phase: "draining" }, { said: {}, nonce });
    assert.deepEqual([steps(asks), gatesAsked(asks)], [[], ["alerts/", "pods/n1"]]);
    assert.deepEqual(steps(inHand({ phase: "draining" }, { said: bothOpen, nonce })), ["approve"]);
  });

  test("a drained node waits for a closed gate, and is given back after ten minutes", () => {
    const said = { ...bothOpen, alerts: alert };
    const waits = inHand({ phase: "draining" }, { said, nonce });
    assert.deepEqual([steps(waits), code(waits)], [["doubt"], "BlockedByAlert"]);
    const doubtSinceMs = now.wallMs - 60_000;
    const goesOn = inHand({ phase: "draining", doubtSinceMs }, { said, nonce });
    assert.deepEqual([steps(goesOn), gatesAsked(goesOn)], [[], ["alerts/", "pods/n1"]]);
    const tooLong = { phase: "draining", doubtSinceMs: now.wallMs - 10 * 60_000 } as const;
    assert.deepEqual(outcome(inHand(tooLong, { said, nonce })), ["closing", "withdrawn", false]);
  });

  test("that a closed gate is waited for is told once: the look after it was written down says nothing", () => {
    const outcome = { kind: "done" } as const;
    const attempts = new Map([
      ["record/n1", { failures: 0, jitter: 0, last: { outcome, endedAtMs: now.monotonicMs + 1 } }],
    ]);
    const record = { phase: "draining", doubtSinceMs: now.wallMs } as const;
    const { verdicts } = inHand(record, { said: { ...bothOpen, alerts: alert }, nonce, attempts });
    const reasons = verdicts.map(({ reasons: [reason] }) => [reason.code, isPassing(reason)]);
    assert.deepEqual(reasons, [["Drained", true]]);
  });

  test("a gate that opens in time ends the waiting", () => {
    const doubtSinceMs = now.wallMs - 60_000;
    assert.deepEqual(steps(inHand({ phase: "draining", doubtSinceMs }, { said: bothOpen, nonce })), ["doubt"]);
  });

  test("force ends a drain and opens no gate", () => {
    const wanted = { onDrainTimeout: "force", drainTimeoutMs: 1_000 } as const;
    const pods = [pod()];
    assert.deepEqual(steps(inHand({ phase: "draining" }, { said: bothOpen, pods, nonce, wanted })), ["approve"]);
    const shut = inHand({ phase: "draining" }, { said: { ...bothOpen, alerts: failed }, pods, nonce, wanted });
    assert.deepEqual([steps(shut), code(shut)], [["doubt"], "GateUnknown"]);
  });

  test("an approval that nobody has used yet is taken back when a gate closes", () => {
    const record = { phase: "approved", nonce } as const;
    assert.deepEqual(steps(inHand(record, { said: bothOpen, nonce })), []);
    assert.deepEqual(steps(inHand(record, { said: { ...bothOpen, pods: batch }, nonce })), ["resume"]);
  });
});
