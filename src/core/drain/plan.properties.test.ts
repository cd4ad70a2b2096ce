import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { dueEvictions, evictionOrder } from "./evictable.ts";
import type { DaemonSetState, DrainOptions } from "./options.ts";
import { emptied, isGoing, planDrain, remaining, type DrainPlan } from "./plan.ts";
import { isCritical, type PodFacts } from "./pod.ts";
import { parseDrainRule } from "./rule-grammar.ts";
import type { DrainRule } from "./rules.ts";

const nowMs = Date.UTC(2026, 4, 5, 12);

const controllers = [
  { apiVersion: "apps/v1", kind: "DaemonSet", name: "here", uid: "d1" },
  { apiVersion: "apps/v1", kind: "DaemonSet", name: "gone", uid: "d2" },
  { apiVersion: "apps/v1", kind: "DaemonSet", name: "unknown", uid: "d3" },
  { apiVersion: "apps/v1", kind: "DaemonSet", name: "unasked", uid: "d4" },
  { apiVersion: "extensions/v1beta1", kind: "DaemonSet", name: "here", uid: "d5" },
  { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "r1" },
  { apiVersion: "example.com/v1", kind: "Robot", name: "web", uid: "r2" },
];

const daemonSets: ReadonlyMap<string, DaemonSetState> = new Map([
  ["shop/here", "exists"],
  ["shop/gone", "gone"],
  ["shop/unknown", "unknown"],
]);

const maybe = <T>(key: string, values: fc.Arbitrary<T>) =>
  fc.option(values, { nil: undefined }).map((value) => (value === undefined ? {} : { [key]: value }));

const plainPods: fc.Arbitrary<PodFacts> = fc
  .tuple(
    fc.record({
      phase: fc.constantFrom("Pending", "Running", "Succeeded", "Failed", "Unknown", ""),
      mirror: fc.boolean(),
      hasEmptyDir: fc.boolean(),
      ready: fc.boolean(),
      labels: fc.constantFrom({}, { app: "a" }, { app: "b" }),
    }),
    maybe("controller", fc.constantFrom(...controllers)),
    maybe("deletionTimestampMs", fc.integer({ min: nowMs - 200_000, max: nowMs + 60_000 })),
    maybe("priorityClassName", fc.constantFrom("system-node-critical", "high")),
  )
  .map(([facts, ...more]) =>
    Object.assign({ namespace: "shop", name: "", uid: "", nodeName: "n1", ...facts }, ...more),
  );

const requests = maybe(
  "drainRequest",
  fc.constantFrom({ behavior: "Skip" as const, by: "a label" }, { behavior: "WaitCompleted" as const, by: "a label" }),
);

const wishful = fc.tuple(plainPods, requests).map(([pod, request]) => ({ ...pod, ...request }));

const listed = (pods: fc.Arbitrary<PodFacts>) =>
  fc
    .array(pods, { maxLength: 12 })
    .map((found) => found.map((pod, index) => ({ ...pod, name: `p${index}`, uid: `u${index}` })));

/** Rules, and once more whom each of them means. */
const ruleBook = new Map<string, (pod: PodFacts) => boolean>([
  ["Skip:app=a", ({ labels }) => labels["app"] === "a"],
  ["WaitCompleted:app=a", ({ labels }) => labels["app"] === "a"],
  ["Drain,order=5:app=b", ({ labels }) => labels["app"] === "b"],
  ["Drain,order=-5:app", ({ labels }) => labels["app"] !== undefined],
  ["Skip,namespace=bank:", () => false],
  ["Drain:", () => true],
]);

const rules: fc.Arbitrary<readonly DrainRule[]> = fc.array(
  fc.constantFrom(...ruleBook.keys()).map((text) => {
    const reading = parseDrainRule(text);
    if (reading.kind === "invalid") throw new Error(reading.reason);
    return reading.rule;
  }),
  { maxLength: 3 },
);

const options: fc.Arbitrary<DrainOptions> = fc.record({
  force: fc.boolean(),
  ignoreDaemonSets: fc.boolean(),
  deleteEmptyDirData: fc.boolean(),
  skipWaitForDeleteSeconds: fc.constantFrom(0, 20, 100),
  gracePeriodSeconds: fc.constant(-1),
});

/** What kubectl drain does with one pod, written down a second time and as its matrix of filters has it. */
function kubectl(pod: PodFacts, wanted: DrainOptions): "removes" | "leaves" | "fails" | "asks" {
  const finished = pod.phase === "Succeeded" || pod.phase === "Failed";
  const overdueSeconds = pod.deletionTimestampMs === undefined ? 0 : (nowMs - pod.deletionTimestampMs) / 1000;
  const allowed = wanted.skipWaitForDeleteSeconds;
  if (allowed > 0 && Math.floor(overdueSeconds) > allowed) return "leaves";
  const { controller } = pod;
  if (controller?.kind === "DaemonSet" && controller.apiVersion === "apps/v1" && !finished) {
    if (controller.name === "unasked") return "asks";
    if (controller.name === "unknown") return "fails";
    if (controller.name === "here") return wanted.ignoreDaemonSets ? "leaves" : "fails";
    if (!wanted.force) return "fails";
  }
  if (pod.mirror) return "leaves";
  if (finished) return "removes";
  if (pod.hasEmptyDir && !wanted.deleteEmptyDirData) return "fails";
  return controller !== undefined || wanted.force ? "removes" : "fails";
}

/** The same where the pod itself, or an operator, has a wish. */
function wanted(pod: PodFacts, { given, by }: { readonly given: readonly DrainRule[]; readonly by: DrainOptions }) {
  const rule = given.find(({ text }) => ruleBook.get(text)?.(pod));
  const behavior = pod.drainRequest?.behavior ?? rule?.behavior ?? "Drain";
  const ended = pod.phase === "Succeeded" || pod.phase === "Failed";
  if (behavior === "Skip" || (behavior === "WaitCompleted" && ended)) return "leaves";
  const otherwise = kubectl(pod, by);
  const waits = behavior === "WaitCompleted" && pod.deletionTimestampMs === undefined;
  return waits && (otherwise === "removes" || otherwise === "fails") ? "waits" : otherwise;
}

const inKubectlsWords = {
  evict: "removes",
  terminating: "removes",
  await: "waits",
  leave: "leaves",
  ask: "asks",
  refuse: "fails",
} as const;

describe("Whatever pods are on a node", () => {
  test("without rules, each is treated as kubectl drain treats it", () => {
    fc.assert(
      fc.property(listed(plainPods), options, (pods, wanted) => {
        const plan = planDrain(pods, { options: wanted, daemonSets, wallMs: nowMs });
        assert.deepEqual(
          plan.pods.map(({ kind }) => inKubectlsWords[kind]),
          pods.map((pod) => kubectl(pod, wanted)),
        );
        assert.equal(
          plan.refusals.length > 0,
          plan.pods.some(({ kind }) => kind === "refuse"),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  test("with rules and wishes of their own, none is removed that kubectl drain would leave, and each wish is granted, the pod's own first", () => {
    fc.assert(
      fc.property(listed(wishful), options, rules, (pods, by, given) => {
        const plan = planDrain(pods, { options: { ...by, rules: given }, daemonSets, wallMs: nowMs });
        assert.deepEqual(
          plan.pods.map(({ pod }) => pod),
          pods,
        );
        assert.deepEqual(
          plan.pods.map(({ kind }) => inKubectlsWords[kind]),
          pods.map((pod) => wanted(pod, { given, by })),
        );
        for (const planned of plan.pods)
          if (isGoing(planned)) assert.notEqual(kubectl(planned.pod, by), "leaves", JSON.stringify(planned));
        assert.equal(emptied(plan), remaining(plan).length === 0);
      }),
      { numRuns: 1_000 },
    );
  });

  test("only those are evicted that nothing goes before, no more than are allowed, and none while anything is undecided", () => {
    fc.assert(
      fc.property(listed(wishful), options, rules, fc.integer({ min: 1, max: 5 }), (pods, wanted, given, limit) => {
        const plan = planDrain(pods, { options: { ...wanted, rules: given }, daemonSets, wallMs: nowMs });
        const order = evictionOrder(plan, { attempts: new Map() });
        const chosen = dueEvictions(order, { nowMonotonicMs: 0, limitInFlight: limit }).pods;
        assert.ok(chosen.length <= limit);
        assert.equal(new Set(chosen).size, chosen.length);
        if (plan.pods.some(({ kind }) => kind === "ask" || kind === "refuse")) assert.deepEqual(chosen, []);
        for (const pod of chosen) assertFirst(plan, pod);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Nothing that waits or goes is of a lower order, or ordinary where this one is critical. */
function assertFirst(plan: DrainPlan, chosen: PodFacts): void {
  const going = plan.pods.filter(isGoing);
  const own = going.find(({ pod }) => pod === chosen);
  assert.equal(own?.kind, "evict");
  for (const other of going) {
    assert.ok((other.order ?? 0) >= (own?.order ?? 0), `${other.pod.name} goes before ${chosen.name}`);
    if ((other.order ?? 0) === (own?.order ?? 0) && isCritical(chosen)) assert.ok(isCritical(other.pod));
  }
}
