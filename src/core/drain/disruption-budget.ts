import { isJsonObject, objectField, textField, wholeField } from "../json.ts";
import type { EvictionOutcome } from "./refusals.ts";

/** What a PodDisruptionBudget says of itself, where it may be read. */
export interface DisruptionBudget {
  readonly name: string;
  readonly resourceVersion: string;
  /** The spec on which its controller has counted the pods. */
  readonly countedGeneration: number;
  /** How many pods may go now. */
  readonly disruptionsAllowed: number;
  /** How many pods it counts, and how many of those are healthy and must be. */
  readonly expectedPods: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
}

/** A budget as it was last seen. */
export interface BudgetSighting {
  readonly budget: DisruptionBudget;
  /** When (monotonic) an eviction under it was last seen to become worth asking for; never, where it is absent. */
  readonly openedAtMs?: number;
}

/** Reads a budget as the API server sent it; `undefined` when it is none. What its controller has not counted yet is 0. */
export function decodeDisruptionBudget(value: unknown): DisruptionBudget | undefined {
  if (!isJsonObject(value)) return undefined;
  const metadata = objectField(value, "metadata") ?? {};
  const name = textField(metadata, "name");
  const resourceVersion = textField(metadata, "resourceVersion");
  if (name === undefined || resourceVersion === undefined) return undefined;
  const status = objectField(value, "status") ?? {};
  return {
    name,
    resourceVersion,
    countedGeneration: wholeField(status, "observedGeneration") ?? 0,
    disruptionsAllowed: wholeField(status, "disruptionsAllowed") ?? 0,
    expectedPods: wholeField(status, "expectedPods") ?? 0,
    currentHealthy: wholeField(status, "currentHealthy") ?? 0,
    desiredHealthy: wholeField(status, "desiredHealthy") ?? 0,
  };
}

/**
 * The sighting that follows from another one. A budget is worth asking when it changes and allows something, or when
 * its controller has counted on a new spec: that may select other pods.
 */
export function sighted(
  budget: DisruptionBudget,
  { before, nowMs }: { readonly before: BudgetSighting | undefined; readonly nowMs: number },
): BudgetSighting {
  const changed = before?.budget.resourceVersion !== budget.resourceVersion;
  const recounted = before !== undefined && before.budget.countedGeneration !== budget.countedGeneration;
  if (changed && (recounted || budget.disruptionsAllowed > 0)) return { budget, openedAtMs: nowMs };
  return { ...before, budget };
}

/** A refusal with the numbers of its budget, where the API server did not tell all of them. */
export function withNumbers(outcome: EvictionOutcome, budgets: ReadonlyMap<string, BudgetSighting>): EvictionOutcome {
  if (outcome.kind !== "budgetRefused") return outcome;
  const seen = budgets.get(outcome.budget ?? "")?.budget;
  if (seen === undefined) return outcome;
  const { expectedPods, currentHealthy, desiredHealthy: neededHealthy } = seen;
  return { ...outcome, expectedPods, currentHealthy, neededHealthy };
}
