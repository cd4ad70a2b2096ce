import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { emptied, planDrain, obstacle, remaining } from "./plan.ts";
import type { DaemonSetState, DrainOptions, DrainScene } from "./options.ts";
import type { DrainPlan, PlannedPod } from "./plan.ts";
import type { PodFacts } from "./pod.ts";
import { parseSelector } from "./selector.ts";

const nowMs = Date.UTC(2024, 4, 5, 14, 15);

function pod(given: Partial<PodFacts> = {}): PodFacts {
  const defaults = { namespace: "default", name: "bar", uid: "u1", nodeName: "node", labels: {}, phase: "Running" };
  return { ...defaults, mirror: false, hasEmptyDir: false, ready: true, ...given };
}

function ownedBy(kind: string, apiVersion = "apps/v1"): Pick<PodFacts, "controller"> {
  return { controller: { apiVersion, kind, name: "owner", uid: "o1" } };
}

const fromDaemonSet = ownedBy("DaemonSet");

/** kured's options, in front of a DaemonSet that exists. */
function plan(
  pods: readonly PodFacts[],
  given: { options?: Partial<DrainOptions>; daemonSet?: DaemonSetState | null } = {},
) {
  const kured = { force: true, ignoreDaemonSets: true, deleteEmptyDirData: true };
  const { daemonSet = "exists" } = given;
  const scene: DrainScene = {
    options: { ...kured, skipWaitForDeleteSeconds: 0, gracePeriodSeconds: -1, ...given.options },
    daemonSets: new Map(daemonSet === null ? [] : [["default/owner", daemonSet]]),
    wallMs: nowMs,
  };
  return planDrain(pods, scene);
}

function only(drain: DrainPlan): PlannedPod {
  assert.equal(drain.pods.length, 1);
  const [planned] = drain.pods;
  if (planned === undefined) throw new Error("no pod");
  return planned;
}

describe("What kured's drain does with", () => {
  const evicted: readonly (readonly [string, Partial<PodFacts>])[] = [
    ["a DaemonSet pod that succeeded", { ...fromDaemonSet, phase: "Succeeded" }],
    ["a DaemonSet pod that failed", { ...fromDaemonSet, phase: "Failed" }],
    ["a DaemonSet pod of extensions/v1beta1", ownedBy("DaemonSet", "extensions/v1beta1")],
    ["a ReplicaSet pod", ownedBy("ReplicaSet")],
    ["a StatefulSet pod", ownedBy("StatefulSet")],
    ["a Job pod with an emptyDir", { ...ownedBy("Job", "batch/v1"), hasEmptyDir: true }],
    ["a pod of a custom controller", ownedBy("Widget", "example.com/v1")],
    ["a bare pod that is finished", { phase: "Succeeded" }],
    ["a bare pod that is finished and has an emptyDir", { phase: "Failed", hasEmptyDir: true }],
  ];
  for (const [title, facts] of evicted) {
    test(`${title}: it is evicted without a warning, and no DaemonSet is looked up`, () => {
      const drain = plan([pod(facts)], { daemonSet: null });
      assert.deepEqual(only(drain), { kind: "evict", pod: pod(facts) });
      assert.deepEqual([drain.warnings, drain.refusals], [[], []]);
    });
  }

  test("a pod of a DaemonSet that is gone: it is evicted, and the warning is lost as in kubectl", () => {
    assert.deepEqual(only(plan([pod(fromDaemonSet)], { daemonSet: "gone" })), {
      kind: "evict",
      pod: pod(fromDaemonSet),
    });
  });

  for (const phase of ["Pending", "Running", "Unknown"]) {
    test(`a DaemonSet pod that is ${phase}: it is left with a warning`, () => {
      const drain = plan([pod({ ...fromDaemonSet, phase, hasEmptyDir: true })]);
      const planned = only(drain);
      assert.deepEqual([planned.kind, planned.kind === "leave" && planned.reason], ["leave", "daemonSet"]);
      assert.deepEqual(drain.warnings, ["ignoring DaemonSet-managed Pods: default/bar"]);
    });
  }

  test("a DaemonSet pod before its DaemonSet was looked up: nothing is decided yet", () => {
    const drain = plan([pod(fromDaemonSet)], { daemonSet: null });
    assert.deepEqual(only(drain), { kind: "ask", pod: pod(fromDaemonSet), daemonSet: "default/owner" });
    assert.equal(emptied(drain), false);
  });

  test("a DaemonSet pod whose DaemonSet cannot be looked up: nothing is evicted", () => {
    const drain = plan([pod(fromDaemonSet), pod({ name: "foo" })], { daemonSet: "unknown" });
    assert.equal(drain.pods[0]?.kind, "refuse");
    assert.deepEqual(drain.refusals, [
      "cannot delete Pods whose DaemonSet default/owner cannot be looked up: default/bar",
    ]);
  });

  test("a static pod: it is left without a word, whatever the annotation says", () => {
    const drain = plan([pod({ ...ownedBy("Node", "v1"), mirror: true })]);
    assert.deepEqual([only(drain).kind, drain.warnings], ["leave", []]);
  });

  test("bare pods: they are evicted, and the only warning is that nobody replaces them", () => {
    const drain = plan([pod(), pod({ namespace: "x", name: "b", hasEmptyDir: true })]);
    assert.deepEqual(
      drain.pods.map(({ kind }) => kind),
      ["evict", "evict"],
    );
    assert.deepEqual(drain.warnings, ["deleting Pods that declare no controller: default/bar, x/b"]);
  });

  test("a pod that terminates already: it is waited for", () => {
    const terminating = pod({ ...ownedBy("ReplicaSet"), deletionTimestampMs: nowMs + 30_000 });
    assert.deepEqual(only(plan([terminating])), { kind: "terminating", pod: terminating, graceEndsMs: nowMs + 30_000 });
  });

  test("a terminating pod of a DaemonSet: it is left, for its DaemonSet starts the next at once", () => {
    assert.equal(only(plan([pod({ ...fromDaemonSet, deletionTimestampMs: nowMs })])).kind, "leave");
  });
});

describe("Pods that terminate for too long", () => {
  const ages: readonly (readonly [number, string])[] = [
    [1_000, "terminating"],
    [20_000, "terminating"],
    [20_999, "terminating"],
    [21_000, "leave"],
    [100_000, "leave"],
  ];
  for (const [ageMs, kind] of ages) {
    test(`are ${kind === "leave" ? "not waited for" : "waited for"} ${ageMs / 1000} s after their grace period when 20 s are allowed`, () => {
      const late = pod({ ...fromDaemonSet, phase: "Failed", deletionTimestampMs: nowMs - ageMs });
      assert.equal(only(plan([late], { options: { skipWaitForDeleteSeconds: 20 } })).kind, kind);
    });
  }

  test("are waited for without end by default", () => {
    assert.equal(only(plan([pod({ deletionTimestampMs: nowMs - 1e9 })])).kind, "terminating");
  });

  test("are left before their DaemonSet is looked up", () => {
    const late = pod({ ...fromDaemonSet, deletionTimestampMs: nowMs - 100_000 });
    const planned = only(plan([late], { daemonSet: null, options: { skipWaitForDeleteSeconds: 20 } }));
    assert.deepEqual(planned, { kind: "leave", pod: late, reason: "skippedDeletion" });
  });

  test("that nobody deletes are evicted all the same", () => {
    assert.equal(only(plan([pod()], { options: { skipWaitForDeleteSeconds: 20 } })).kind, "evict");
  });
});

describe("kubectl drain's own table", () => {
  const none = { force: false, ignoreDaemonSets: false, deleteEmptyDirData: false };
  const forced = { ...none, force: true };
  const job = ownedBy("Job", "batch/v1");
  const table: readonly (readonly [string, Partial<PodFacts>, Partial<DrainOptions>, PlannedPod["kind"]])[] = [
    ["a ReplicationController's pod", ownedBy("ReplicationController", "v1"), none, "evict"],
    ["a DaemonSet's pod", fromDaemonSet, none, "refuse"],
    ["a DaemonSet's pod that succeeded", { ...fromDaemonSet, phase: "Succeeded" }, none, "evict"],
    ["a DaemonSet's pod with --ignore-daemonsets", fromDaemonSet, { ...none, ignoreDaemonSets: true }, "leave"],
    [
      "the same with an emptyDir",
      { ...fromDaemonSet, hasEmptyDir: true },
      { ...none, ignoreDaemonSets: true },
      "leave",
    ],
    [
      "a Job's pod with an emptyDir, both overridden",
      { ...job, hasEmptyDir: true },
      { ...forced, deleteEmptyDirData: true },
      "evict",
    ],
    ["a Job's pod with an emptyDir that succeeded", { ...job, hasEmptyDir: true, phase: "Succeeded" }, none, "evict"],
    ["a Job's pod with an emptyDir", { ...job, hasEmptyDir: true }, none, "refuse"],
    ["a ReplicaSet's pod", ownedBy("ReplicaSet"), none, "evict"],
    ["a naked pod", {}, none, "refuse"],
    ["a naked pod with --force", {}, forced, "evict"],
    ["a naked pod with an emptyDir and --force", { hasEmptyDir: true }, forced, "refuse"],
    ["a naked pod with an emptyDir that failed", { hasEmptyDir: true, phase: "Failed" }, none, "evict"],
    [
      "a naked pod with an emptyDir, both overridden",
      { hasEmptyDir: true },
      { ...forced, deleteEmptyDirData: true },
      "evict",
    ],
  ];
  for (const [title, facts, options, kind] of table) {
    test(`${title}: ${kind}`, () => assert.equal(only(plan([pod(facts)], { options })).kind, kind));
  }

  test("a DaemonSet that is gone refuses its pods unless forced", () => {
    const drain = plan([pod(fromDaemonSet)], { options: none, daemonSet: "gone" });
    assert.deepEqual(drain.refusals, ['cannot delete daemonsets.apps "owner" not found: default/bar']);
  });

  test("its refusals name each message once with all its pods", () => {
    const pods = [pod({ name: "a" }), pod({ name: "b", ...fromDaemonSet }), pod({ name: "c" })];
    assert.deepEqual(plan(pods, { options: none }).refusals, [
      "cannot delete Pods that declare no controller (use --force to override): default/a, default/c",
      "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): default/b",
    ]);
  });
});

describe("A drained node", () => {
  test("is empty without pods, and with nothing but pods that stay", () => {
    assert.equal(emptied(plan([])), true);
    assert.equal(emptied(plan([pod(fromDaemonSet), pod({ mirror: true })])), true);
  });

  test("is not empty while a pod is evicted, terminates, is undecided or is refused", () => {
    assert.equal(emptied(plan([pod()])), false);
    assert.equal(emptied(plan([pod({ deletionTimestampMs: nowMs })])), false);
    assert.equal(emptied(plan([pod(fromDaemonSet)], { daemonSet: "unknown" })), false);
  });

  test("keeps pods that the selector does not mean, without looking up their DaemonSets", () => {
    const reading = parseSelector("app=web");
    if (reading.kind === "invalid") throw new Error(reading.reason);
    const pods = [pod({ ...fromDaemonSet, name: "a" }), pod({ name: "b", labels: { app: "web" } })];
    const drain = plan(pods, { daemonSet: null, options: { podSelector: reading.selector } });
    assert.deepEqual(
      drain.pods.map(({ kind }) => kind),
      ["leave", "evict"],
    );
  });

  test("names everything that is in the way and nothing else", () => {
    const pods = [pod({ name: "a" }), pod({ name: "b", deletionTimestampMs: nowMs }), pod({ name: "c", mirror: true })];
    assert.deepEqual(remaining(plan(pods)).map(obstacle), [
      "Pod default/a is still to be evicted.",
      "Pod default/b is terminating; its grace period ends at 2024-05-05T14:15:00.000Z.",
    ]);
  });
});
