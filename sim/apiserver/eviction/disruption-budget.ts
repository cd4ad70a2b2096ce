import type { Backend } from "../call.ts";
import { at, isObject, listAt, numberAt, objectAt, textAt } from "../objects/json.ts";
import { kubeTime } from "../objects/object.ts";
import type { Json } from "../objects/json.ts";
import type { KubeObject } from "../objects/object.ts";
import { findResource } from "../objects/resources.ts";
import type { Resource } from "../objects/resources.ts";
import { labelsMatch, selectorOf } from "../selectors/labels.ts";
import { failure, forbidden, tooManyRequests } from "../status.ts";

/**
 * How a pod's budgets let it go: charged for it or not concerned, or because it is not ready and counts for nothing.
 */
export type Leave = "allowed" | "unhealthy";

/** Throws unless the pod has no budget, or one that allows this; then the budget is charged. */
export function askBudget(
  pod: KubeObject,
  { backend, dryRun }: { readonly backend: Backend; readonly dryRun: boolean },
): Leave {
  const resource = findResource("policy", { version: "v1", plural: "poddisruptionbudgets" });
  if (resource === undefined) return "allowed";
  const budgets = backend.store.list(resource).filter((budget) => guards(budget, pod));
  const [budget] = budgets;
  if (budgets.length > 1) {
    const message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    throw failure(500, undefined, { message });
  }
  if (budget === undefined) return "allowed";
  if (mayGoUnhealthy(pod, budget)) return "unhealthy";
  refuseByBudget(budget, resource);
  if (!dryRun) backend.store.put(resource, charged(budget, { pod: pod.metadata.name, nowMs: backend.nowMs() }));
  return "allowed";
}

/** Whether a budget is about a pod. An empty selector guards all pods, a missing or broken one none. */
export function guards(budget: KubeObject, pod: KubeObject): boolean {
  if (budget.metadata["namespace"] !== pod.metadata["namespace"]) return false;
  const given = at(budget, "spec", "selector");
  const selector = isObject(given) ? selectorOf(given) : undefined;
  return selector !== undefined && labelsMatch(selector, objectAt(pod, "metadata", "labels"));
}

/** A pod that is not ready counts for nothing, so a healthy application, or a careless budget, lets it go. */
function mayGoUnhealthy(pod: KubeObject, budget: KubeObject): boolean {
  if (isReady(pod)) return false;
  if (at(budget, "spec", "unhealthyPodEvictionPolicy") === "AlwaysAllow") return true;
  const desired = count(budget, "desiredHealthy");
  return desired > 0 && count(budget, "currentHealthy") >= desired;
}

/** Whether a pod's Ready condition is True. */
export function isReady(pod: KubeObject): boolean {
  return listAt(pod, "status", "conditions").some(
    (condition) => at(condition, "type") === "Ready" && at(condition, "status") === "True",
  );
}

function refuseByBudget(budget: KubeObject, resource: Resource): void {
  const { name } = budget.metadata;
  const allowed = count(budget, "disruptionsAllowed");
  if (count(budget, "observedGeneration") < (numberAt(budget, "metadata", "generation") ?? 0)) {
    throw violation(`The disruption budget ${name} is still being processed by the server.`, 10);
  }
  if (allowed < 0)
    throw wrecked(name, {
      resource,
      because: "pdb disruptions allowed is negative",
      told: "pdb disruptions allowed is negative",
    });
  if (Object.keys(objectAt(budget, "status", "disruptedPods")).length > 2000) {
    throw wrecked(name, {
      resource,
      because: "DisruptedPods map too big - too many evictions not confirmed by PDB controller",
      told: "too many pending evictions not confirmed by PDB controller",
    });
  }
  if (allowed === 0) throw violation(refusalText(budget), 0);
}

function refusalText(budget: KubeObject): string {
  const { name } = budget.metadata;
  const [current, desired] = [count(budget, "currentHealthy"), count(budget, "desiredHealthy")];
  const condition = listAt(budget, "status", "conditions").find(
    (one) => at(one, "type") === "DisruptionAllowed" && at(one, "status") === "False",
  );
  const [reason, message] = [textAt(condition, "reason"), textAt(condition, "message") ?? ""];
  const refused = `The disruption budget ${name} does not allow evicting pods currently`;
  // A failed sync comes first, because its counts cannot be trusted.
  if (message !== "" && reason === "SyncFailed") return `${refused} because it failed sync: ${message}`;
  if (current <= desired)
    return `The disruption budget ${name} needs ${desired} healthy pods and has ${current} currently`;
  return message === "" ? refused : `${refused} (${reason ?? ""}): ${message}`;
}

function violation(text: string, retryAfterSeconds: number): Error {
  return tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", {
    retryAfterSeconds,
    causes: [{ reason: "DisruptionBudget", message: text }],
  });
}

function wrecked(
  name: string,
  { resource, because, told }: { readonly resource: Resource; readonly because: string; readonly told: string },
): Error {
  const message = `The disruption budget ${name} does not allow evicting pods currently: ${told}`;
  const named = { group: resource.group, plural: "poddisruptionbudget" };
  return forbidden(named, { name, because, causes: [{ reason: "DisruptionBudget", message }] });
}

/** The budget with one disruption less, and the pod noted until the budget's controller has seen it go. */
function charged(budget: KubeObject, { pod, nowMs }: { readonly pod: string; readonly nowMs: number }): KubeObject {
  const status = objectAt(budget, "status");
  const allowed = count(budget, "disruptionsAllowed") - 1;
  return {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed: allowed,
      disruptedPods: { ...objectAt(status, "disruptedPods"), [pod]: kubeTime(nowMs) },
      ...(allowed === 0 && { conditions: closedConditions(budget, nowMs) }),
    },
  };
}

/** Whoever takes the last disruption says so, because the next one is refused with these words. */
function closedConditions(budget: KubeObject, nowMs: number): readonly Json[] {
  const conditions = listAt(budget, "status", "conditions");
  const isOurs = (condition: Json): boolean => at(condition, "type") === "DisruptionAllowed";
  const old = conditions.find(isOurs);
  const closed = {
    type: "DisruptionAllowed",
    status: "False",
    reason: "InsufficientPods",
    message: "",
    observedGeneration: count(budget, "observedGeneration"),
    lastTransitionTime: at(old, "status") === "False" ? at(old, "lastTransitionTime") : kubeTime(nowMs),
  };
  return old === undefined ? [...conditions, closed] : conditions.map((one) => (isOurs(one) ? closed : one));
}

function count(budget: KubeObject, field: string): number {
  return numberAt(budget, "status", field) ?? 0;
}
