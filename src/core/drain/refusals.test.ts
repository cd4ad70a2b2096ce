import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PodFacts } from "./pod.ts";
import { readBudgetCause, refusalSentence } from "./refusals.ts";
import type { EvictionOutcome } from "./refusals.ts";

const pod: PodFacts = {
  namespace: "shop",
  name: "web-0",
  uid: "u1",
  nodeName: "n1",
  labels: {},
  phase: "Running",
  mirror: false,
  hasEmptyDir: false,
  ready: true,
};

describe("Why a pod is still there", () => {
  const refused = {
    kind: "budgetRefused",
    text: "Cannot evict pod as it would violate the pod's disruption budget.",
  } as const;
  const numbers = { budget: "web", neededHealthy: 2, currentHealthy: 1 };
  const sentences: readonly (readonly [EvictionOutcome, string])[] = [
    [{ ...refused, ...numbers, expectedPods: 2 }, "PDB shop/web: 1 of 2 healthy, needs 2."],
    [{ ...refused, ...numbers }, "PDB shop/web: 1 healthy, needs 2."],
    [{ ...refused, budget: "web" }, `PDB shop/web: ${refused.text}`],
    [refused, `PDB of pod shop/web-0: ${refused.text}`],
    [{ kind: "budgetPending", budget: "web" }, "PDB shop/web: its controller has not counted the pods yet."],
    [
      { kind: "severalBudgets" },
      "More than one PodDisruptionBudget covers pod shop/web-0, so the API server never evicts it.",
    ],
    [{ kind: "throttled" }, "The API server is too busy to evict pod shop/web-0."],
    [{ kind: "terminatingNamespace" }, "The namespace shop is being deleted, and pod shop/web-0 with it."],
    [{ kind: "forbidden", text: "denied by policy" }, "Evicting pod shop/web-0 is forbidden: denied by policy"],
    [{ kind: "failed", text: "etcd is gone" }, "Evicting pod shop/web-0 failed: etcd is gone"],
    [{ kind: "unreachable" }, "The API server did not answer the eviction of pod shop/web-0."],
  ];
  for (const [outcome, expected] of sentences) {
    test(expected, () => assert.equal(refusalSentence(pod, outcome), expected));
  }

  test("is not explained where nobody refused it", () => {
    for (const kind of ["evicted", "gone", "otherPod"] as const)
      assert.equal(refusalSentence(pod, { kind }), undefined);
  });
});

describe("The API server's words on a budget", () => {
  test("tell its numbers", () => {
    assert.deepEqual(readBudgetCause("The disruption budget web needs 2 healthy pods and has 1 currently"), {
      budget: "web",
      neededHealthy: 2,
      currentHealthy: 1,
    });
  });

  test("tell nothing where they are other words", () => {
    assert.equal(readBudgetCause("The disruption budget web is still being processed by the server."), undefined);
  });
});
