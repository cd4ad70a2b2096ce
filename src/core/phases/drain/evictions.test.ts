import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decide } from "../../decide.ts";
import type { PodFacts } from "../../drain/pod.ts";
import type { EvictionOutcome } from "../../drain/refusals.ts";
import type { RecordReading } from "../../fleet/record.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Attempt } from "../../fleet/view.ts";
import { waiting } from "../../testing/phase-scenes.ts";
import {
  agentPod,
  answers,
  entryText,
  ledger,
  now,
  pod,
  podsAnswer,
  policy,
  recordReading,
  view,
} from "../../testing/builders.ts";

const refused: EvictionOutcome = { kind: "budgetRefused", text: "no", budget: "web" };
const postponed: EvictionOutcome = {
  kind: "postponed",
  text: 'admission webhook "evict.kubevirt.io" denied the request: Eviction triggered evacuation of VMI "vm/one"',
};

/** The first reason of a node in mid-drain with these pods, whose evictions have been answered like this. */
function reasonWith(pods: readonly PodFacts[], outcome?: EvictionOutcome) {
  const scene = waiting("draining");
  const attempt: Attempt | undefined = outcome && {
    failures: 1,
    jitter: 0.5,
    last: { outcome: { kind: "eviction", outcome }, endedAtMs: now.monotonicMs - 1_000 },
  };
  const attempts = new Map<string, Attempt>();
  if (attempt) for (const { uid } of pods) attempts.set(`evict/${uid}`, attempt);
  const seen = answers({ "pods/n1": podsAnswer([agentPod(), ...pods]) });
  const decision = decide(
    view({ nodes: [scene.node], ledger: ledger(entryText()), answers: seen, attempts }),
    policy(),
    now,
  );
  const [reason] = decision.verdicts[0]?.reasons ?? [];
  assert.ok(reason?.code === "Draining" || reason?.code === "DrainBlocked", reason?.code ?? "no reason");
  return { ...reason, said: reason.pods.map(({ sentence }) => sentence) };
}

describe("The verdict of a drain", () => {
  test("is blocked by a pod whose budget refuses, in the budget's words", () => {
    const { code, said } = reasonWith([pod()], refused);
    assert.deepEqual([code, said], ["DrainBlocked", ["PDB shop/web: no"]]);
  });

  test("is blocked by a webhook that puts an eviction off, in the webhook's words", () => {
    const { code, said } = reasonWith([pod()], postponed);
    assert.equal(code, "DrainBlocked");
    assert.match(said.join(), /Evicting pod shop\/web-1 was put off: .*Eviction triggered evacuation of VMI "vm\/one"/);
  });

  test("counts all pods in the way by what becomes of them", () => {
    const request = { behavior: "WaitCompleted", by: "a label" } as const;
    const names = ["a", "b", "c"].map((name) => pod({ name }));
    const waits = pod({ name: "job", drainRequest: request });
    const leaves = pod({ name: "leaving", deletionTimestampMs: now.wallMs + 5_000 });
    assert.deepEqual(reasonWith([...names, waits]).byState, { due: 3, waiting: 1 });
    const { byState, left } = reasonWith([...names, leaves], refused);
    assert.deepEqual([byState, left], [{ refused: 3, terminating: 1 }, 4]);
  });

  test("is progress while somebody moves the pod away, as a live migration does", () => {
    const moving = pod({ name: "virt-launcher", evictionInProgress: "kubevirt" });
    const { code, said } = reasonWith([moving], postponed);
    const sentence = 'Pod shop/virt-launcher is being moved away by "kubevirt", as its annotation says.';
    assert.deepEqual([code, said], ["Draining", [sentence]]);
  });

  test("is blocked where nobody may evict the pod at all, whoever moves it away", () => {
    const moving = pod({ name: "virt-launcher", evictionInProgress: "kubevirt" });
    for (const outcome of [{ kind: "forbidden", text: "not ours" }, { kind: "severalBudgets" }] as const)
      assert.equal(reasonWith([moving], outcome).code, "DrainBlocked", outcome.kind);
    const refusers = [
      'admission webhook "virt.example.com" denied the request: not yet',
      `pods "virt-launcher" is forbidden: ValidatingAdmissionPolicy 'virt' with binding 'virt' denied request: not yet`,
    ];
    for (const text of refusers)
      assert.equal(reasonWith([moving], { kind: "forbidden", text }).code, "Draining", "the no of who moves it");
  });

  test("is progress while a pod is waited for until it has completed", () => {
    const by = "its label kured.dev/drain";
    const { code, left } = reasonWith([pod({ drainRequest: { behavior: "WaitCompleted", by } })]);
    assert.deepEqual([code, left], ["Draining", 1]);
  });
});

describe("A drain that does not end in time", () => {
  const minuteMs = 60_000;
  const stays = pod({ name: "stays" });
  const none: ReadonlyMap<string, Attempt> = new Map();

  /** What is done `agoMs` after the cordon, while a pod of a closed budget is left. */
  function after(agoMs: number, wanted: Partial<Policy>, more: ReadonlyMap<string, Attempt> = none): readonly string[] {
    const scene = waiting("draining");
    const { record } = scene.node.record as Extract<RecordReading, { kind: "record" }>;
    const node = { ...scene.node, record: recordReading({ ...record, phaseSinceMs: now.wallMs - agoMs }) };
    const answer = { outcome: { kind: "eviction", outcome: refused } as const, endedAtMs: now.monotonicMs - 1_000 };
    const written = { outcome: { kind: "done" } as const, endedAtMs: now.monotonicMs };
    const attempts = new Map<string, Attempt>([
      [`evict/${stays.uid}`, { failures: 1, jitter: 0.5, last: answer }],
      ["record/n1", { failures: 0, jitter: 0.5, last: written }],
    ]);
    for (const [key, attempt] of more) attempts.set(key, attempt);
    const seen = answers({ "pods/n1": podsAnswer([agentPod(), stays]) });
    const known = view({ nodes: [node], ledger: ledger(entryText()), answers: seen, attempts });
    const { actions, verdicts } = decide(known, policy(wanted), now);
    return [...actions.map(({ key }) => key), verdicts[0]?.reasons[0].code ?? ""];
  }

  test("is given up, has its pods deleted, or goes on, as the operator wants", () => {
    const wanted = { drainTimeoutMs: 10 * minuteMs, onDrainTimeout: "delete" } as const;
    assert.deepEqual(after(9 * minuteMs, wanted), ["DrainBlocked"]);
    assert.deepEqual(after(10 * minuteMs, wanted), [`delete/${stays.uid}`, "DrainBlocked"]);
    assert.deepEqual(after(10 * minuteMs, { ...wanted, onDrainTimeout: "abort" }), ["record/n1", "DrainTimedOut"]);
    assert.deepEqual(after(10 * minuteMs, { ...wanted, onDrainTimeout: "force" }), ["Drained"]);
  });

  test("has its pods deleted in time for their own grace before its hard end, and then goes on without them", () => {
    const wanted = { drainHardEndMs: 10 * minuteMs };
    assert.deepEqual(after(9 * minuteMs, wanted), ["DrainBlocked"]);
    assert.deepEqual(after(9.5 * minuteMs, wanted), [`delete/${stays.uid}`, "DrainBlocked"]);
    assert.deepEqual(after(10 * minuteMs, wanted), ["Drained"]);
    const both = { ...wanted, drainTimeoutMs: 5 * minuteMs };
    assert.deepEqual(after(5 * minuteMs, both), ["record/n1", "DrainTimedOut"]);
    assert.deepEqual(after(10 * minuteMs, both), ["Drained"]);
  });

  test("does not delete a pod again that is still listed, before it should long be gone", () => {
    const wanted = { drainTimeoutMs: 10 * minuteMs, onDrainTimeout: "delete" } as const;
    const deleted = (agoMs: number) => {
      const last = { outcome: { kind: "done" }, endedAtMs: now.monotonicMs - agoMs } as const;
      return new Map<string, Attempt>([[`delete/${stays.uid}`, { failures: 0, jitter: 0.5, last }]]);
    };
    assert.deepEqual(after(11 * minuteMs, wanted, deleted(29_000)), ["DrainBlocked"]);
    assert.deepEqual(after(11 * minuteMs, wanted, deleted(30_000)), [`delete/${stays.uid}`, "DrainBlocked"]);
  });
});

describe("What a drain asks of the API server", () => {
  const stays = pod({ name: "stays" });

  /** All before now. */
  interface Times {
    readonly agoMs?: number;
    readonly seenAgoMs?: number;
    readonly letGoAgoMs?: number;
  }

  /** The questions of a drain that began `agoMs` ago, whose pods were seen right before the record was written. */
  function drained(
    pods: readonly PodFacts[],
    { agoMs = 0, seenAgoMs = 1_000, letGoAgoMs = 0, outcome }: Times & { outcome?: EvictionOutcome },
  ) {
    const scene = waiting("draining");
    const { record } = scene.node.record as Extract<RecordReading, { kind: "record" }>;
    const node = { ...scene.node, record: recordReading({ ...record, phaseSinceMs: now.wallMs - agoMs }) };
    const written: Attempt = {
      failures: 0,
      jitter: 0,
      last: { outcome: { kind: "done" }, endedAtMs: now.monotonicMs - 500 },
    };
    const attempts = new Map([["record/n1", written]]);
    if (outcome) {
      const last = { outcome: { kind: "eviction", outcome } as const, endedAtMs: now.monotonicMs - letGoAgoMs };
      for (const { uid } of pods) attempts.set(`evict/${uid}`, { failures: 1, jitter: 0.5, last });
    }
    const seen = answers({ "pods/n1": podsAnswer([agentPod(), ...pods], now.monotonicMs - seenAgoMs) });
    const freshness = { waitingMs: 1_000, restingMs: 5_000, goingMs: 1_000, gatesMs: 1_000, decisiveMs: 10_000 };
    const read = { ...ledger(entryText()), observedAtMs: now.monotonicMs - 1_000 };
    const known = view({ nodes: [node], ledger: read, answers: seen, attempts });
    const { actions, verdicts, questions } = decide(known, policy({ freshness }), now);
    const [code] = verdicts[0]?.reasons.map((reason) => reason.code) ?? [];
    const freshFor = (kind: "nodes" | "ledger" | "pods") => questions.find((one) => one.kind === kind)?.freshForMs;
    return { acts: actions.map(({ key }) => key), code, freshFor };
  }

  test("whoever was seen before the cordon is evicted without another list", () => {
    const { acts, freshFor } = drained([stays], {});
    assert.deepEqual([acts, freshFor("pods")], [[`evict/${stays.uid}`], 10_000]);
  });

  test("nothing is over before a list that is younger than the cordon, and the lock is read at the same time", () => {
    const { acts, code, freshFor } = drained([], {});
    assert.deepEqual([acts, code, freshFor("pods"), freshFor("ledger")], [[], "Drained", 500, 500]);
  });

  test("a list that is older than anything else would be is not begun with", () => {
    const { acts, freshFor } = drained([stays], { seenAgoMs: 5_001 });
    assert.deepEqual([acts, freshFor("pods")], [[], 500]);
  });

  test("a drain that a budget holds back is looked after less and less", () => {
    const asked = (agoMs: number) => {
      const { freshFor } = drained([stays], { agoMs, seenAgoMs: 0, outcome: refused });
      return [freshFor("nodes"), freshFor("ledger"), freshFor("pods")];
    };
    assert.deepEqual(asked(1_000), [5_000, 10_000, 10_000]);
    assert.deepEqual(asked(8_000), [8_000, 16_000, 16_000]);
    assert.deepEqual(asked(3_600_000), [20_000, 25_000, 40_000]);
  });

  test("pods that were let go are looked for a moment later, and then less and less often, but every second", () => {
    const letGo = { outcome: { kind: "evicted" } } as const;
    const lookedAt = (seenAgoMs: number, letGoAgoMs: number) =>
      (drained([stays], { ...letGo, seenAgoMs, letGoAgoMs }).freshFor("pods") ?? NaN) - seenAgoMs;
    assert.deepEqual(
      [lookedAt(1_000, 0), lookedAt(0, 200), lookedAt(0, 500), lookedAt(0, 60_000)],
      [200, 200, 500, 1_000],
    );
  });
});
