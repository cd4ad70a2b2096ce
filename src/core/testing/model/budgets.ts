import type { BudgetSighting } from "../../drain/disruption-budget.ts";
import type { Answer } from "../../question.ts";
import type { Cluster } from "./cluster.ts";

/** The label by which the model's budgets select their pods; its value is the budget's name. */
export const budgetLabel = "budget";

/** What a watch of the budgets says: one that is closed wants all of its pods, one that is open wants none. */
export function budgetsAnswer(cluster: Cluster, observedAtMs: number): Answer {
  const pods = [...cluster.pods.values()];
  const names = new Set(pods.flatMap(({ budget }) => budget ?? []));
  const budgets = new Map(Array.from(names, (name) => [name, sighting(name, { cluster, pods })]));
  return { kind: "budgets", observedAtMs, budgets };
}

function sighting(
  name: string,
  { cluster, pods }: { readonly cluster: Cluster; readonly pods: readonly { readonly budget?: string }[] },
): BudgetSighting {
  const closed = cluster.closedBudgets.has(name);
  const expectedPods = pods.filter(({ budget }) => budget === name).length;
  return {
    budget: {
      name,
      resourceVersion: closed ? "2" : "1",
      selector: { requirements: [{ kind: "equals", key: budgetLabel, operator: "=", value: name }] },
      generation: 1,
      countedGeneration: 1,
      alwaysAllowsUnready: false,
      disruptionsAllowed: closed ? 0 : expectedPods,
      expectedPods,
      currentHealthy: expectedPods,
      desiredHealthy: closed ? expectedPods : 0,
    },
  };
}
