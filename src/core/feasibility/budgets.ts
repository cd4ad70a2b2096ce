import type { DisruptionBudget } from "../drain/disruption-budget.ts";
import { podTitle, type PodFacts } from "../drain/pod.ts";
import { selects } from "../drain/selector.ts";

/**
 * Why the API server will never evict the pod, as a sentence, as long as neither its budgets nor the number of pods
 * change; `undefined` where it may, now or later. `budgets` are those of the pod's namespace.
 */
export function neverEvicted(pod: PodFacts, budgets: readonly DisruptionBudget[]): string | undefined {
  // The API server asks no budget for these.
  if (pod.phase === "Pending" || pod.phase === "Succeeded" || pod.phase === "Failed") return undefined;
  const [first, second] = budgets.filter(({ selector }) => selector !== undefined && selects(selector, pod.labels));
  if (first === undefined) return undefined;
  const title = `${pod.namespace}/${first.name}`;
  if (second !== undefined)
    return `Pod ${podTitle(pod)} is covered by more than one PodDisruptionBudget (${title}, ${pod.namespace}/${second.name}), so the API server never evicts it.`;
  if (goesUnready(pod, first)) return undefined;
  if (first.uncounted !== undefined)
    return `PDB ${title} lets pod ${podTitle(pod)} never go, because its controller cannot count its pods: ${first.uncounted}`;
  if (first.countedGeneration < first.generation || !allowsNever(first)) return undefined;
  const { currentHealthy, expectedPods, desiredHealthy } = first;
  return `PDB ${title} lets pod ${podTitle(pod)} never go: ${currentHealthy} of ${expectedPods} healthy, needs ${desiredHealthy}.`;
}

/** Not one pod too many, however healthy all of them are. */
function allowsNever({ disruptionsAllowed, expectedPods, desiredHealthy }: DisruptionBudget): boolean {
  return disruptionsAllowed <= 0 && expectedPods > 0 && desiredHealthy >= expectedPods;
}

/** A pod that is not Ready counts for no budget, and some let it go for that. */
function goesUnready({ ready }: PodFacts, budget: DisruptionBudget): boolean {
  if (ready) return false;
  return budget.alwaysAllowsUnready || (budget.desiredHealthy > 0 && budget.currentHealthy >= budget.desiredHealthy);
}
