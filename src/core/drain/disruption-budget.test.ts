import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeDisruptionBudget, sighted, withNumbers, type DisruptionBudget } from "./disruption-budget.ts";

describe("A disruption budget that is watched", () => {
  test("is worth asking when it comes to allow something, and not when it goes on forbidding", () => {
    const shut = sighted(budget({ version: "1" }), { before: undefined, nowMs: 10 });
    assert.equal(shut.openedAtMs, undefined);
    const still = sighted(budget({ version: "2", currentHealthy: 1 }), { before: shut, nowMs: 20 });
    assert.equal(still.openedAtMs, undefined);
    const open = sighted(budget({ version: "3", allowed: 1 }), { before: still, nowMs: 30 });
    assert.equal(open.openedAtMs, 30);
    const again = sighted(budget({ version: "3", allowed: 1 }), { before: open, nowMs: 40 });
    assert.equal(again.openedAtMs, 30, "the same budget listed once more is no news");
    const shutAgain = sighted(budget({ version: "4" }), { before: again, nowMs: 50 });
    assert.equal(shutAgain.openedAtMs, 30);
  });

  test("is worth asking when its controller has counted on another spec, which may select other pods", () => {
    const before = sighted(budget({ version: "1", generation: 1 }), { before: undefined, nowMs: 10 });
    assert.equal(sighted(budget({ version: "2", generation: 2 }), { before, nowMs: 20 }).openedAtMs, 20);
  });

  test("gives a refusal the numbers that the API server does not tell", () => {
    const budgets = new Map([["web", { budget: budget({ currentHealthy: 2 }) }]]);
    const refused = { kind: "budgetRefused", text: "no", budget: "web", neededHealthy: 9, currentHealthy: 9 } as const;
    const numbers = { expectedPods: 3, currentHealthy: 2, neededHealthy: 3 };
    assert.deepEqual(withNumbers(refused, budgets), { ...refused, ...numbers });
    assert.deepEqual(withNumbers({ ...refused, budget: "db" }, budgets), { ...refused, budget: "db" });
    assert.deepEqual(withNumbers({ kind: "severalBudgets" }, budgets), { kind: "severalBudgets" });
  });

  test("does not put numbers that would allow the eviction in place of words that do not", () => {
    const text = "The disruption budget web does not allow evicting pods currently (Odd): wait";
    const refused = { kind: "budgetRefused", text, budget: "web" } as const;
    const seen = (currentHealthy: number) => new Map([["web", { budget: budget({ currentHealthy }) }]]);
    assert.deepEqual(withNumbers(refused, seen(4)), refused);
    const numbers = { expectedPods: 3, currentHealthy: 3, neededHealthy: 3 };
    assert.deepEqual(withNumbers(refused, seen(3)), { ...refused, ...numbers });
  });

  test("whose pods cannot be counted says so, rather than that they were not counted yet", () => {
    const why = "found no controllers for pod";
    const budgets = new Map([["web", { budget: { ...budget({}), uncounted: why } }]]);
    const text = `its controller cannot count its pods: ${why}`;
    for (const outcome of [
      { kind: "budgetPending", budget: "web" },
      { kind: "budgetRefused", budget: "web", text: "no", neededHealthy: 0, currentHealthy: 0 },
    ] as const)
      assert.deepEqual(withNumbers(outcome, budgets), { kind: "budgetRefused", budget: "web", text });
  });

  test("is read from the API server's JSON; what has not been counted yet is nothing", () => {
    const metadata = { name: "web", resourceVersion: "7", generation: 1 };
    const spec = { selector: { matchLabels: { app: "web" } } };
    const counts = { expectedPods: 3, currentHealthy: 3, desiredHealthy: 3 };
    const status = { observedGeneration: 1, disruptionsAllowed: 0, ...counts };
    assert.deepEqual(decodeDisruptionBudget({ metadata, spec, status }), budget({ version: "7" }));
    const uncounted = {
      selector: undefined,
      countedGeneration: 0,
      alwaysAllowsUnready: false,
      disruptionsAllowed: 0,
      expectedPods: 0,
      currentHealthy: 0,
      desiredHealthy: 0,
    };
    assert.deepEqual(decodeDisruptionBudget({ metadata }), { ...metadata, ...uncounted });
    assert.equal(decodeDisruptionBudget({ metadata: { name: "web" } }), undefined);
    assert.equal(decodeDisruptionBudget("web"), undefined);
  });
});

function budget({
  version = "1",
  generation = 1,
  allowed = 0,
  currentHealthy = 3,
}: { version?: string; generation?: number; allowed?: number; currentHealthy?: number } = {}): DisruptionBudget {
  return {
    name: "web",
    resourceVersion: version,
    selector: { requirements: [{ kind: "equals", key: "app", operator: "=", value: "web" }] },
    generation,
    alwaysAllowsUnready: false,
    countedGeneration: generation,
    disruptionsAllowed: allowed,
    expectedPods: 3,
    currentHealthy,
    desiredHealthy: 3,
  };
}
