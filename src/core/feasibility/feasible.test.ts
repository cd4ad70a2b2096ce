import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Policy } from "../policy/policy.ts";
import type { Answer } from "../question.ts";
import { agentPod, now } from "../testing/builders.ts";
import { asks, budget, codeOf, decided, reasonsOf, web, wordsOf } from "../testing/feasibility-scene.ts";
import { sentence } from "../verdict/sentence.ts";

describe("A drain that cannot go well", () => {
  test("is not begun, and the pod is told with its budget and the budget's numbers", () => {
    const decision = decided({ pods: [web], budgets: [budget()] });
    assert.equal(codeOf(decision), "DrainInfeasible");
    const words = "PDB shop/web lets pod shop/web-1 never go: 2 of 2 healthy, needs 2.";
    assert.equal(wordsOf(decision), `No drain is begun because of 1 pod: ${words}`);
    assert.deepEqual(decision.actions, []);
    assert.ok(asks(decision, "budgets"), "it must be heard when the budget changes");
    assert.ok(asks(decision, "pods"), "and when the pods do");
  });

  test("is begun as soon as the budget has changed", () => {
    assert.equal(
      codeOf(decided({ pods: [web], budgets: [budget({ desiredHealthy: 1, disruptionsAllowed: 1 })] })),
      "Claiming",
    );
    assert.equal(codeOf(decided({ pods: [web], budgets: [] })), "Claiming");
  });

  test("is begun where the budget only does not allow it now: pods that are not healthy yet may become so", () => {
    const waiting = budget({ expectedPods: 3, currentHealthy: 2, desiredHealthy: 2 });
    assert.equal(codeOf(decided({ pods: [web], budgets: [waiting] })), "Claiming");
  });

  test("is begun where the budget does not hold this pod, which is not Ready", () => {
    const pods = [{ ...web, ready: false }];
    assert.equal(codeOf(decided({ pods, budgets: [budget()] })), "Claiming");
    const short = { currentHealthy: 1 };
    assert.equal(codeOf(decided({ pods, budgets: [budget(short)] })), "DrainInfeasible");
    assert.equal(codeOf(decided({ pods, budgets: [budget({ ...short, alwaysAllowsUnready: true })] })), "Claiming");
    assert.equal(codeOf(decided({ pods: [{ ...web, phase: "Pending" }], budgets: [budget()] })), "Claiming");
  });

  test("is not begun while two budgets cover a pod, which the API server then never evicts", () => {
    const generous = { desiredHealthy: 0, disruptionsAllowed: 2 };
    const decision = decided({ pods: [web], budgets: [budget(generous), budget({ ...generous, name: "other" })] });
    assert.match(
      wordsOf(decision),
      /Pod shop\/web-1 is covered by more than one PodDisruptionBudget \(shop\/web, shop\/other\)/,
    );
  });

  test("is not begun while the controller of the budget cannot count, for the reason that it gives", () => {
    const uncounted = { uncounted: "found no controllers for pod", expectedPods: 0, countedGeneration: 0 };
    const decision = decided({ pods: [web], budgets: [budget(uncounted)] });
    assert.match(
      wordsOf(decision),
      /never go, because its controller cannot count its pods: found no controllers for pod\.$/,
    );
    const notYet = budget({ countedGeneration: 0 });
    assert.equal(
      codeOf(decided({ pods: [web], budgets: [notYet] })),
      "Claiming",
      "numbers of an older spec say nothing",
    );
  });

  test("waits until the budgets have been seen, but not for those that cannot be read: a dry run tells then", () => {
    const waiting = decided({ pods: [web], budgets: undefined });
    assert.deepEqual([codeOf(waiting), waiting.actions], ["Claiming", []]);
    const unreadable = { kind: "failed", observedAtMs: now.monotonicMs, reason: "no right" } as const;
    const pods = [web, { ...web, name: "web-2", uid: "uid-web-2" }, { ...web, name: "lonely", uid: "uid-lonely" }];
    const trying = decided({ pods, budgets: unreadable });
    assert.deepEqual([codeOf(trying), trying.actions], ["Claiming", []]);
    const dryRuns = trying.questions.filter(({ kind }) => kind === "dryRun");
    assert.equal(dryRuns.length, 1, "one for each owner");
    const tried = (answer: Answer) => decided({ pods, budgets: unreadable, more: { "dryRun/uid-web-1": answer } });
    const outcome = { kind: "severalBudgets" } as const;
    assert.equal(codeOf(tried({ kind: "dryRun", observedAtMs: now.monotonicMs, outcome })), "DrainInfeasible");
    const evicted = tried({ kind: "dryRun", observedAtMs: now.monotonicMs, outcome: { kind: "evicted" } });
    assert.equal(evicted.actions.length, 1);
    const refused = { kind: "budgetRefused", text: "no", budget: "web", neededHealthy: 2, currentHealthy: 2 } as const;
    const slow = tried({ kind: "dryRun", observedAtMs: now.monotonicMs, outcome: refused });
    assert.deepEqual([codeOf(slow), slow.actions.length, reasonsOf(slow)[1]?.code], ["Claiming", 1, "DrainInfeasible"]);
  });

  test("is begun all the same where policy says so, or lets no pod have the last word, and is told of", () => {
    const policies: readonly Partial<Policy>[] = [
      { drainFeasibility: "warn" },
      { drainTimeoutMs: 60_000, onDrainTimeout: "delete" },
      { drainHardEndMs: 60_000 },
    ];
    for (const given of policies) {
      const decision = decided({ pods: [web], budgets: [budget()], given });
      assert.deepEqual(
        reasonsOf(decision).map(({ code }) => code),
        ["Claiming", "DrainInfeasible"],
      );
      assert.equal(decision.actions.length, 1);
      const [, told] = reasonsOf(decision);
      assert.match(told ? sentence(told) : "", /^A drain is begun in spite of 1 pod: PDB shop\/web/);
    }
    const off = decided({ pods: [web], budgets: [budget()], given: { drainFeasibility: "off" } });
    assert.deepEqual([codeOf(off), asks(off, "budgets")], ["Claiming", false]);
  });

  test("names ten pods at the most, and says how many there are", () => {
    const pods = Array.from({ length: 12 }, (_, at) => ({ ...web, name: `web-${at}`, uid: `uid-web-${at}` }));
    const [reason] = reasonsOf(decided({ pods, budgets: [budget({ expectedPods: 12, desiredHealthy: 12 })] }));
    assert.ok(reason?.code === "DrainInfeasible");
    assert.deepEqual([reason.left, reason.pods.length], [12, 10]);
  });

  test("does not look at pods that the drain leaves alone, nor at our own", () => {
    const left = [
      agentPod({ uid: "other-agent", namespace: "shop", labels: web.labels }),
      { ...web, mirror: true },
      { ...web, drainRequest: { behavior: "Skip", by: "its label" } as const },
      { ...web, deletionTimestampMs: now.wallMs },
    ];
    assert.equal(codeOf(decided({ pods: left, budgets: undefined })), "Claiming");
    assert.equal(decided({ pods: left, budgets: undefined }).actions.length, 1);
    const self = { namespace: "shop", pod: "web-1", node: "n1" };
    assert.equal(decided({ pods: [web], budgets: [budget()], given: { self } }).actions.length, 1);
  });
});
