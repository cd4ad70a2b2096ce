import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { dueEvictions, evictionOrder, type EvictionAttempt } from "./evictable.ts";
import { emptied, planDrain } from "./plan.ts";
import { isCritical, type PodFacts } from "./pod.ts";
import type { EvictionOutcome } from "./refusals.ts";
import { parseDrainRule } from "./rule-grammar.ts";

// Drains from their first eviction to their last pod, before an API server that refuses, fails and keeps one waiting.

const limitInFlight = 3;
const minuteMs = 60_000;
/** From then on every budget allows everything, and the API server has nothing against anybody. */
const calmFromMs = 2 * minuteMs;

const rules = ["Drain,order=3:tier=last", "Drain,order=-3:tier=first"].map((text) => {
  const reading = parseDrainRule(text);
  if (reading.kind === "invalid") throw new Error(reading.reason);
  return reading.rule;
});

const drainOptions = {
  force: true,
  ignoreDaemonSets: true,
  deleteEmptyDirData: true,
  skipWaitForDeleteSeconds: 0,
  gracePeriodSeconds: -1,
  rules,
};

/** A pod, the budget that covers it, and how long it takes to end; opt-outs end by themselves or not at all. */
interface Spec {
  readonly facts: PodFacts;
  readonly budget: string | undefined;
  readonly graceMs: number;
}

const specs: fc.Arbitrary<readonly Spec[]> = fc
  .array(
    fc.record({
      tier: fc.constantFrom("", "", "", "", "first", "last"),
      critical: fc.constantFrom(false, false, false, true),
      owner: fc.constantFrom(undefined, "web", "db"),
      wish: fc.constantFrom(undefined, undefined, undefined, "Skip" as const, "WaitCompleted" as const),
      mirror: fc.integer({ max: 9 }).map((drawn) => drawn === 0),
      budget: fc.constantFrom(undefined, "tight", "loose"),
      graceMs: fc.constantFrom(0, 700, 30_000),
    }),
    { minLength: 1, maxLength: 20 },
  )
  .map((drawn) => drawn.map((one, index) => specOf(`p${index}`, one)));

function specOf(
  name: string,
  drawn: {
    readonly tier: string;
    readonly critical: boolean;
    readonly owner: string | undefined;
    readonly wish: "Skip" | "WaitCompleted" | undefined;
    readonly mirror: boolean;
    readonly budget: string | undefined;
    readonly graceMs: number;
  },
): Spec {
  const { tier, critical, owner, wish, mirror, budget, graceMs } = drawn;
  const facts: PodFacts = {
    namespace: "shop",
    name,
    uid: name,
    nodeName: "n1",
    labels: { tier },
    phase: "Running",
    mirror,
    hasEmptyDir: false,
    ready: true,
    ...(critical && { priorityClassName: "system-node-critical" }),
    ...(owner && { controller: { apiVersion: "apps/v1", kind: "ReplicaSet", name: owner, uid: owner } }),
    ...(wish && { drainRequest: { behavior: wish, by: "its label" } }),
  };
  return { facts, budget, graceMs };
}

/** What meets one request after the other, over and over. */
const weather = fc.array(
  fc.record({
    latencyMs: fc.constantFrom(1, 20, 400, 9_000),
    trouble: fc.constantFrom("none", "none", "none", "throttled", "unreachable", "failed"),
  }),
  { minLength: 1, maxLength: 40 },
);

interface Request {
  readonly uid: string;
  readonly endsAtMs: number;
  readonly outcome: EvictionOutcome;
}

/** One node and its API server. Whatever must never be is looked for at every step. */
class Drain {
  nowMs = 0;
  readonly pods: Map<string, PodFacts>;
  readonly attempts = new Map<string, EvictionAttempt>();
  readonly letGo: string[] = [];
  readonly #specs: ReadonlyMap<string, Spec>;
  readonly #requests: Request[] = [];
  readonly #endsAtMs = new Map<string, number>();

  constructor(drawn: readonly Spec[]) {
    this.#specs = new Map(drawn.map((spec) => [spec.facts.uid, spec]));
    this.pods = new Map(drawn.map(({ facts }) => [facts.uid, facts]));
    for (const { facts } of drawn)
      if (facts.drainRequest?.behavior === "WaitCompleted") this.#endsAtMs.set(facts.uid, minuteMs);
  }

  run(next: () => { readonly latencyMs: number; readonly trouble: string }): void {
    for (let step = 0; step < 5_000; step += 1) {
      const plan = planDrain([...this.pods.values()], {
        options: drainOptions,
        daemonSets: new Map(),
        wallMs: this.nowMs,
      });
      if (emptied(plan)) return;
      const order = evictionOrder(plan, { attempts: this.attempts });
      const { pods, wakeAtMs = Infinity } = dueEvictions(order, { nowMonotonicMs: this.nowMs, limitInFlight });
      for (const pod of pods) this.#evict(pod, next());
      const soonest = Math.min(wakeAtMs, ...this.#requests.map(({ endsAtMs }) => endsAtMs), ...this.#endsAtMs.values());
      assert.ok(soonest < Infinity, `it stands still with ${[...this.pods.keys()].join(", ")}`);
      this.nowMs = Math.max(this.nowMs, soonest);
      assert.ok(this.nowMs < calmFromMs + 10 * minuteMs, "it does not end");
      this.#pass();
    }
    assert.fail("it goes round and round");
  }

  #evict(pod: PodFacts, { latencyMs, trouble }: { readonly latencyMs: number; readonly trouble: string }): void {
    const { uid } = pod;
    assert.equal(pod.drainRequest, undefined, `${uid} does not want to be evicted`);
    assert.ok(!pod.mirror, `${uid} is static`);
    assert.ok(!this.#requests.some((request) => request.uid === uid), `${uid} is asked for twice at once`);
    assert.ok(this.#requests.length < limitInFlight, "too many at once");
    for (const other of this.pods.values()) this.#assertNotBefore(other, pod);
    const before = this.attempts.get(uid) ?? { failures: 0, jitter: 0 };
    this.attempts.set(uid, { ...before, inFlightSinceMs: this.nowMs });
    const outcome = this.#outcome(uid, trouble);
    this.#requests.push({ uid, outcome, endsAtMs: this.nowMs + latencyMs });
    this.#assertOneAsks(outcome);
  }

  #assertNotBefore(other: PodFacts, chosen: PodFacts): void {
    if (other.mirror || other.drainRequest?.behavior === "Skip" || other.phase === "Succeeded") return;
    const [mine, others] = [orderOf(chosen), orderOf(other)];
    const isBefore = others < mine || (others === mine && isCritical(chosen) && !isCritical(other));
    assert.ok(!isBefore, `${other.uid} goes before ${chosen.uid}`);
  }

  /** Of those whom a budget has refused already, one asks for all. */
  #assertOneAsks(outcome: EvictionOutcome): void {
    if (outcome.kind !== "budgetRefused" || this.letGo.length > 0) return;
    const known = this.#requests.filter(({ uid }) => {
      const last = this.attempts.get(uid)?.last?.outcome;
      return last?.kind === "budgetRefused" && last.budget === outcome.budget;
    });
    assert.ok(known.length <= 1, `${known.map(({ uid }) => uid).join(", ")} ask the same closed budget`);
  }

  #outcome(uid: string, trouble: string): EvictionOutcome {
    const budget = this.#specs.get(uid)?.budget;
    if (this.nowMs < calmFromMs) {
      if (trouble === "throttled") return { kind: "throttled", retryAfterMs: 1_000 };
      if (trouble === "unreachable") return { kind: "unreachable" };
      if (trouble === "failed") return { kind: "failed", text: "etcd is away" };
      if (budget === "tight") return { kind: "budgetRefused", text: "no", budget };
    }
    return { kind: "evicted" };
  }

  /** What has happened until now. */
  #pass(): void {
    for (const request of this.#requests.filter(({ endsAtMs }) => endsAtMs <= this.nowMs)) {
      this.#requests.splice(this.#requests.indexOf(request), 1);
      this.#answered(request);
    }
    for (const [uid, atMs] of this.#endsAtMs) {
      if (atMs > this.nowMs) continue;
      this.#endsAtMs.delete(uid);
      const pod = this.pods.get(uid);
      if (pod?.drainRequest) this.pods.set(uid, { ...pod, phase: "Succeeded" });
      else this.pods.delete(uid);
    }
  }

  #answered({ uid, outcome }: Request): void {
    const before = this.attempts.get(uid)?.failures ?? 0;
    const failures = outcome.kind === "evicted" ? 0 : before + 1;
    this.attempts.set(uid, { failures, jitter: 0.5, last: { outcome, endedAtMs: this.nowMs } });
    const pod = this.pods.get(uid);
    if (outcome.kind !== "evicted" || pod === undefined) return;
    assert.ok(!this.letGo.includes(uid), `${uid} was let go before`);
    this.letGo.push(uid);
    const graceMs = this.#specs.get(uid)?.graceMs ?? 0;
    this.pods.set(uid, { ...pod, deletionTimestampMs: this.nowMs + graceMs });
    this.#endsAtMs.set(uid, this.nowMs + graceMs);
  }
}

function orderOf({ labels, drainRequest }: PodFacts): number {
  if (drainRequest !== undefined) return 0;
  return labels["tier"] === "last" ? 3 : labels["tier"] === "first" ? -3 : 0;
}

describe("Whatever the API server says to the evictions of a drain", () => {
  test("it ends with just those gone that must go, each asked for one at a time, in their order, and never too many at once", () => {
    fc.assert(
      fc.property(specs, weather, (drawn, met) => {
        const drain = new Drain(drawn);
        let asked = 0;
        drain.run(() => met[asked++ % met.length] ?? { latencyMs: 1, trouble: "none" });
        const must = drawn.filter(({ facts }) => !facts.mirror && facts.drainRequest === undefined);
        assert.deepEqual(drain.letGo.toSorted(), must.map(({ facts }) => facts.uid).toSorted());
      }),
      { numRuns: 300 },
    );
  });
});
