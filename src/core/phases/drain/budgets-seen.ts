import type { BudgetSighting } from "../../drain/disruption-budget.ts";
import type { DrainPlan } from "../../drain/plan.ts";
import type { PodFacts } from "../../drain/pod.ts";
import { formatSelector, selects, type Selector } from "../../drain/selector.ts";
import { recalled } from "../../memory.ts";
import { questionKey, type Question } from "../../question.ts";
import type { Scene } from "../../scene.ts";

/**
 * What a drain by this plan asks about budgets. All nodes ask the very same questions: who takes them together sees by
 * that alone that they are equal.
 */
export function budgetQuestions({ pods }: DrainPlan, { policy, view }: Scene): readonly Question[] {
  const { restingMs } = policy.freshness;
  const namespaces = new Set(pods.flatMap(({ kind, pod }) => (kind === "evict" ? [pod.namespace] : [])));
  const known = view.memory?.budgetQuestions;
  if (known && known.size > namespacesMax) known.clear();
  return Array.from(namespaces, (namespace) => {
    const asked = known?.get(namespace);
    if (asked?.freshForMs === restingMs) return asked;
    const question: Question = { kind: "budgets", namespace, freshForMs: restingMs };
    known?.set(namespace, question);
    return question;
  });
}

/** Namespaces come and go. */
const namespacesMax = 1_000;

/** The budgets of a namespace by their names; none where budgets are not watched. */
export function budgetsOf(namespace: string, scene: Scene): ReadonlyMap<string, BudgetSighting> {
  return seenBudgets(budgetsKey(namespace), scene) ?? new Map();
}

/** The same by the key of the question; `undefined` where nothing is known of them. */
export function seenBudgets(key: string, { view }: Scene): ReadonlyMap<string, BudgetSighting> | undefined {
  const answer = view.answers.get(key);
  return answer?.kind === "budgets" ? answer.budgets : undefined;
}

/** Under which key the budgets of a namespace are answered. */
export function budgetsKey(namespace: string): string {
  return questionKey({ kind: "budgets", namespace, freshForMs: 0 });
}

/** Whether it is known of a pod that no budget is about it. */
export function unbudgeted(scene: Scene): (pod: PodFacts) => boolean {
  const known = new Map<string, readonly Selector[] | undefined>();
  return ({ namespace, labels }) => {
    if (!known.has(namespace)) known.set(namespace, selectorsIn(seenBudgets(budgetsKey(namespace), scene)));
    return known.get(namespace)?.every((selector) => !selects(selector, labels)) === true;
  };
}

function selectorsIn(budgets: ReadonlyMap<string, BudgetSighting> | undefined): readonly Selector[] | undefined {
  return budgets && [...budgets.values()].flatMap(({ budget, gone }) => (gone ? [] : (budget.selector ?? [])));
}

/** Which pods the budgets of a namespace are about, apart from their numbers, which change all the time. */
export function selectorsOf(key: string, scene: Scene): string | undefined {
  const budgets = seenBudgets(key, scene);
  if (budgets === undefined) return undefined;
  // A selector of all pods is an empty text, and no selector is none.
  const make = () => JSON.stringify(selectorsIn(budgets)?.map(formatSelector) ?? null);
  return recalled(scene.view.memory?.selectors, { by: budgets, from: [], make });
}
