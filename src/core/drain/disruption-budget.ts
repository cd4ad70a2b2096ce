import { isJsonObject, objectField, textField, wholeField, type JsonObject } from "../json.ts";
import { decodeLabelSelector } from "../feasibility/label-selector.ts";
import type { EvictionOutcome } from "./refusals.ts";
import type { Selector } from "./selector.ts";

/** What a PodDisruptionBudget says of itself, where it may be read. */
export interface DisruptionBudget {
  readonly name: string;
  readonly resourceVersion: string;
  /** The pods that it is about; `undefined` is none of them. */
  readonly selector: Selector | undefined;
  /** The spec as it is, and the one on which its controller has counted the pods. */
  readonly generation: number;
  readonly countedGeneration: number;
  /** Pods that are not Ready may go, however few are healthy (`unhealthyPodEvictionPolicy: AlwaysAllow`). */
  readonly alwaysAllowsUnready: boolean;
  /** Why its controller cannot count the pods, in its words: until it can, none of them may go. */
  readonly uncounted?: string;
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
  /** It does not exist any more. */
  readonly gone?: true;
}

/**
 * Reads a budget as the API server sent it; `undefined` when it is none. What its controller has not counted yet is 0.
 */
export function decodeDisruptionBudget(value: unknown): DisruptionBudget | undefined {
  if (!isJsonObject(value)) return undefined;
  const metadata = objectField(value, "metadata") ?? {};
  const name = textField(metadata, "name");
  const resourceVersion = textField(metadata, "resourceVersion");
  if (name === undefined || resourceVersion === undefined) return undefined;
  const spec = objectField(value, "spec") ?? {};
  const status = objectField(value, "status") ?? {};
  const uncounted = countFailure(status);
  return {
    name,
    resourceVersion,
    selector: decodeLabelSelector(objectField(spec, "selector")),
    generation: wholeField(metadata, "generation") ?? 0,
    alwaysAllowsUnready: textField(spec, "unhealthyPodEvictionPolicy") === "AlwaysAllow",
    ...(uncounted !== undefined && { uncounted }),
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
  return { ...(before?.openedAtMs !== undefined && { openedAtMs: before.openedAtMs }), budget };
}

/**
 * A refusal with what the budget says of itself: that its pods cannot be counted, or its numbers, where they say as
 * much as the API server's words.
 */
export function withNumbers(outcome: EvictionOutcome, budgets: ReadonlyMap<string, BudgetSighting>): EvictionOutcome {
  if (outcome.kind !== "budgetRefused" && outcome.kind !== "budgetPending") return outcome;
  const seen = budgets.get(outcome.budget ?? "")?.budget;
  if (seen === undefined) return outcome;
  if (seen.uncounted !== undefined)
    return {
      kind: "budgetRefused",
      budget: seen.name,
      text: `its controller cannot count its pods: ${seen.uncounted}`,
    };
  const { expectedPods, currentHealthy, desiredHealthy: neededHealthy } = seen;
  // Numbers that would allow it are no reason: an eviction that its controller has not counted yet stands against it.
  const isNumbered = outcome.kind === "budgetRefused" && outcome.neededHealthy !== undefined;
  if (outcome.kind === "budgetPending" || (!isNumbered && currentHealthy > neededHealthy)) return outcome;
  return { ...outcome, expectedPods, currentHealthy, neededHealthy };
}

/** The disruption controller's condition of a budget that it cannot work out, as for pods without a scalable owner. */
function countFailure(status: JsonObject): string | undefined {
  const conditions = status["conditions"];
  if (!Array.isArray(conditions)) return undefined;
  const failed = conditions
    .filter(isJsonObject)
    .find(({ type, status: is, reason }) => type === "DisruptionAllowed" && is === "False" && reason === "SyncFailed");
  return failed && (textField(failed, "message") ?? "it does not say why");
}
