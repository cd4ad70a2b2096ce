import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { dueEvictions, evictionOrder } from "./evictable.ts";
import type { EvictionAttempt, EvictionFacts, EvictionMoment } from "./evictable.ts";
import type { DrainPlan, PlannedPod } from "./plan.ts";
import type { PodFacts } from "./pod.ts";
import type { EvictionOutcome } from "./refusals.ts";
import { retryAfter } from "./retry.ts";

const nowMs = 1_000_000;

function pod(name: string, given: Partial<PodFacts> = {}): PodFacts {
  const defaults = { namespace: "shop", name, uid: name, nodeName: "node", labels: {}, phase: "Running" };
  return { ...defaults, mirror: false, hasEmptyDir: false, ready: true, ...given };
}

function critical(name: string): PodFacts {
  return pod(name, { priorityClassName: "system-node-critical" });
}

function evict(...pods: readonly PodFacts[]): readonly PlannedPod[] {
  return pods.map((one) => ({ kind: "evict", pod: one }));
}

function planOf(...pods: readonly PlannedPod[]): DrainPlan {
  return { pods, warnings: [], refusals: [] };
}

const refused: EvictionOutcome = { kind: "budgetRefused", text: "no", budget: "web" };

const letGo: EvictionOutcome = { kind: "evicted" };

function controller(name: string) {
  return { apiVersion: "apps/v1", kind: "ReplicaSet", name, uid: `uid-${name}` };
}

/** Ended `agoMs` before now. Jitter 0.5 spreads nothing. */
function ended(outcome: EvictionOutcome, agoMs: number, given: Partial<EvictionAttempt> = {}): EvictionAttempt {
  return { last: { outcome, endedAtMs: nowMs - agoMs }, failures: 1, jitter: 0.5, ...given };
}

const inFlight: EvictionAttempt = { inFlightSinceMs: nowMs, failures: 0, jitter: 0 };

function next(
  plan: DrainPlan,
  given: { attempts?: Record<string, EvictionAttempt> } & Partial<
    Omit<EvictionFacts, "attempts"> & EvictionMoment
  > = {},
) {
  const attempts = new Map(Object.entries(given.attempts ?? {}));
  const order = evictionOrder(plan, { ...given, attempts });
  const { pods, wakeAtMs } = dueEvictions(order, { nowMonotonicMs: nowMs, limitInFlight: 10, ...given });
  return { names: pods.map(({ name }) => name), wakeAtMs };
}

describe("Which pods are evicted now", () => {
  test("all that were not tried yet, as many as may be under way", () => {
    const plan = planOf(...evict(pod("a"), pod("b"), pod("c")));
    assert.deepEqual(next(plan), { names: ["a", "b", "c"], wakeAtMs: undefined });
    assert.deepEqual(next(plan, { limitInFlight: 2 }).names, ["a", "b"]);
    assert.deepEqual(next(plan, { limitInFlight: 2, attempts: { a: inFlight } }).names, ["b"]);
    assert.deepEqual(next(plan, { limitInFlight: 1, attempts: { a: inFlight } }).names, []);
  });

  test("one of each controller before its others: a closed budget refuses one eviction and not a hundred", () => {
    const ofWeb = (name: string) => pod(name, { controller: controller("web") });
    const plan = planOf(...evict(ofWeb("a"), ofWeb("b"), ofWeb("c"), pod("d", { controller: controller("db") })));
    assert.deepEqual(next(plan).names, ["a", "d"]);
    // Its answer is awaited, and says what becomes of the others.
    assert.deepEqual(next(plan, { attempts: { a: inFlight, d: inFlight } }).names, []);
    const closed = { attempts: { a: ended(refused, 100), d: inFlight } };
    assert.deepEqual(next(plan, closed), { names: [], wakeAtMs: nowMs + 4_900 });
    // In turn, as with all pods of one budget.
    assert.deepEqual(next(plan, { ...closed, nowMonotonicMs: nowMs + 4_900 }).names, ["b"]);
    assert.deepEqual(next(plan, { attempts: { ...closed.attempts, b: ended(letGo, 1) } }).names, ["c"]);
    assert.deepEqual(next(plan, { attempts: { ...closed.attempts, b: inFlight } }).names, []);
    assert.deepEqual(next(plan, { attempts: { a: ended(refused, 6_000), b: inFlight, d: inFlight } }).names, []);
    assert.deepEqual(next(plan, { attempts: { a: ended(letGo, 1), d: inFlight } }).names, ["b", "c"]);
    assert.deepEqual(next(plan, { attempts: { a: inFlight, b: inFlight, d: inFlight } }).names, ["c"]);
  });

  test("all pods of a controller at once where it is known that no budget is about them", () => {
    const ofWeb = (name: string) => pod(name, { controller: controller("web") });
    const plan = planOf(...evict(ofWeb("a"), ofWeb("b"), ofWeb("c")));
    assert.deepEqual(next(plan, { unbudgeted: () => true }).names, ["a", "b", "c"]);
    assert.deepEqual(next(plan, { unbudgeted: ({ name }) => name === "c" }).names, ["a", "c"]);
  });

  test("pods that ask in turn for their budget ask less often each time, as one pod would", () => {
    const plan = planOf(...evict(...["a", "b", "c", "d"].map((name) => pod(name, { controller: controller("web") }))));
    const attempts = { a: ended(refused, 12_600), b: ended(refused, 7_600), c: ended(refused, 100) };
    const { names, wakeAtMs } = next(plan, { attempts });
    assert.deepEqual(names, []);
    assert.equal(wakeAtMs, nowMs - 100 + retryAfter(refused, 3, { rng: 0.5 }));
    const unready = pod("e", { controller: controller("web"), ready: false });
    assert.deepEqual(next(planOf(...plan.pods, ...evict(unready)), { attempts }).names, ["e"]);
  });

  test("all others when one of their controller is going already, or was refused for a reason of its own", () => {
    const ofWeb = (name: string) => pod(name, { controller: controller("web") });
    const going: PlannedPod = { kind: "terminating", pod: ofWeb("a"), graceEndsMs: 0 };
    assert.deepEqual(next(planOf(going, ...evict(ofWeb("b"), ofWeb("c")))).names, ["b", "c"]);
    const plan = planOf(...evict(ofWeb("a"), ofWeb("b"), ofWeb("c")));
    const denied = ended({ kind: "forbidden", text: "no" }, 1);
    assert.deepEqual(next(plan, { attempts: { a: denied } }).names, ["b", "c"]);
  });

  test("fewer while the API server says that it is too busy, but always one, and all again when it has kept up for a while", () => {
    const pods = ["a", "b", "c", "d", "e", "f"].map((name) => pod(name));
    const plan = planOf(...evict(...pods));
    const strained = (agoMs: number, ...names: readonly string[]) =>
      next(plan, {
        limitInFlight: 4,
        attempts: Object.fromEntries(names.map((name) => [name, ended({ kind: "throttled" }, agoMs)])),
      }).names;
    assert.deepEqual(strained(100, "a"), ["b", "c"]);
    assert.deepEqual(strained(100, "a", "b"), ["c"]);
    assert.deepEqual(strained(100, "a", "b", "c", "d"), ["e"]);
    assert.equal(strained(10_000, "a", "b").length, 4);
  });

  test("none while a pod is undecided or refused", () => {
    const undecided = { kind: "ask", pod: pod("x"), daemonSet: "shop/x" } as const;
    const forbidden = { kind: "refuse", pod: pod("x"), message: "no" } as const;
    assert.deepEqual(next(planOf(...evict(pod("a")), undecided)).names, []);
    assert.deepEqual(next(planOf(...evict(pod("a")), forbidden)).names, []);
  });

  test("critical pods only when every other pod is gone", () => {
    const terminating = { kind: "terminating", pod: pod("b"), graceEndsMs: 0 } as const;
    assert.deepEqual(next(planOf(...evict(critical("a"), pod("b")))).names, ["b"]);
    assert.deepEqual(next(planOf(...evict(critical("a")), terminating)).names, []);
    const left = { kind: "leave", pod: pod("c"), reason: "daemonSet" } as const;
    assert.deepEqual(next(planOf(...evict(critical("a")), left)).names, ["a"]);
  });

  test("a pod that failed waits for its time, and says when that is", () => {
    const plan = planOf(...evict(pod("a"), pod("b")));
    const attempts = { a: ended({ kind: "unreachable" }, 1_999) };
    assert.deepEqual(next(plan, { attempts }), { names: ["b"], wakeAtMs: nowMs + 1 });
    assert.deepEqual(next(plan, { attempts: { a: ended({ kind: "unreachable" }, 2_000) } }).names, ["b", "a"]);
  });

  test("a pod that was let go is not asked for again before the cluster had time to show it", () => {
    const plan = planOf(...evict(pod("a")));
    assert.deepEqual(next(plan, { attempts: { a: ended({ kind: "evicted" }, 29_999) } }).names, []);
    assert.deepEqual(next(plan, { attempts: { a: ended({ kind: "evicted" }, 30_000) } }).names, ["a"]);
  });
});

describe("Pods that one disruption budget holds back", () => {
  const plan = planOf(...evict(pod("a"), pod("b"), pod("c")));

  test("ask one at a time, the one first that was refused longest ago", () => {
    const attempts = { a: ended(refused, 6_000), b: ended(refused, 7_000), c: ended(refused, 5_000) };
    assert.deepEqual(next(plan, { attempts }).names, ["b"]);
  });

  test("all wait for the youngest refusal", () => {
    const attempts = { a: ended(refused, 60_000), b: ended(refused, 4_000), c: ended(refused, 60_000) };
    assert.deepEqual(next(plan, { attempts }), { names: [], wakeAtMs: nowMs + 1_000 });
  });

  test("all wait while one of them asks", () => {
    const attempts = { a: { ...ended(refused, 60_000), inFlightSinceMs: nowMs }, b: ended(refused, 60_000) };
    assert.deepEqual(next(plan, { attempts }).names, ["c"]);
  });

  test("do not hold back those of another budget or namespace", () => {
    const other = planOf(...evict(pod("a"), pod("b", { namespace: "bank" }), pod("c")));
    const attempts = {
      a: ended(refused, 9_000),
      b: ended(refused, 9_000),
      c: ended({ ...refused, budget: "db" }, 9_000),
    };
    assert.deepEqual(next(other, { attempts }).names.toSorted(), ["a", "b", "c"]);
  });

  test("ask at once after the budget let one of them go", () => {
    const attempts = {
      a: ended({ kind: "evicted" }, 100, { refusedBy: "shop/web" }),
      b: ended(refused, 200),
      c: ended(refused, 300),
    };
    assert.deepEqual(next(plan, { attempts }).names, ["c"]);
    assert.deepEqual(next(plan, { attempts: { ...attempts, c: ended(refused, 50) } }).names, []);
  });

  test("ask at once after that budget opened, and not after another one of the namespace did", () => {
    const attempts = { a: ended(refused, 200), b: ended(refused, 200), c: ended(refused, 200) };
    const opened = (budget: string, agoMs: number) => new Map([[budget, nowMs - agoMs]]);
    assert.deepEqual(next(plan, { attempts, budgetsOpenedAtMs: opened("shop/web", 199) }).names, ["a"]);
    assert.deepEqual(next(plan, { attempts, budgetsOpenedAtMs: opened("shop/web", 200) }).names, []);
    assert.deepEqual(next(plan, { attempts, budgetsOpenedAtMs: opened("shop/db", 1) }).names, []);
  });
});

describe("How long a refused eviction rests", () => {
  const rng = 0.5;

  test("a budget is asked after 5 s, then less and less often, every 15 s at most", () => {
    const delays = [1, 2, 3, 4, 50].map((failures) => retryAfter(refused, failures, { rng }));
    assert.deepEqual(delays, [5_000, 10_000, 15_000, 15_000, 15_000]);
  });

  test("a budget is never asked sooner than after 5 s (bug B4: kured asks without any pause)", () => {
    const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const outcomes = fc.constantFrom<EvictionOutcome>(refused, { kind: "budgetPending" });
    fc.assert(
      fc.property(outcomes, fc.nat(1_000), draws, (outcome, failures, drawn) => {
        const delayMs = retryAfter(outcome, failures, { rng: drawn });
        assert.ok(delayMs >= 5_000 && delayMs <= 18_000, `${delayMs}`);
      }),
    );
  });

  test("a busy API server is given the time that it asks for, or 1 s growing to 10 s", () => {
    const busy = { kind: "throttled" } as const;
    assert.deepEqual(
      [1, 2, 9].map((failures) => retryAfter(busy, failures, { rng })),
      [1_000, 2_000, 10_000],
    );
    assert.equal(retryAfter({ ...busy, retryAfterMs: 7_000 }, 1, { rng: 0 }), 7_000);
    assert.equal(retryAfter({ ...busy, retryAfterMs: 7_000 }, 9, { rng }), 7_000);
  });

  test("every other failure is tried after 2 s growing to 30 s, a fifth more or less", () => {
    const outcomes: readonly EvictionOutcome[] = [
      { kind: "severalBudgets" },
      { kind: "terminatingNamespace" },
      { kind: "forbidden", text: "" },
      { kind: "failed", text: "" },
      { kind: "unreachable" },
    ];
    for (const outcome of outcomes) {
      assert.deepEqual(
        [1, 2, 9].map((failures) => retryAfter(outcome, failures, { rng })),
        [2_000, 4_000, 30_000],
      );
      assert.equal(retryAfter(outcome, 1, { rng: 0 }), 1_600);
    }
  });
});
