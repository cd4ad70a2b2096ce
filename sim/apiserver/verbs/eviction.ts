import type { Backend, Call, Outcome } from "../call.ts";
import { at, listAt, numberAt, objectAt, textAt } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { isTerminating, kubeTime } from "../object.ts";
import type { KubeObject } from "../object.ts";
import { findResource } from "../resources.ts";
import type { Resource } from "../resources.ts";
import { labelsMatch, selectorOf } from "../selectors/labels.ts";
import { badRequest, failure, forbidden, success, tooManyRequests } from "../status.ts";
import { admitted } from "./admitted.ts";
import { bodyJson, deleteOptionsOf, isDryRun } from "./body.ts";
import type { DeleteOptions } from "./body.ts";
import { refuseNamespace } from "./create.ts";
import { deleted } from "./delete.ts";
import { existing } from "./read.ts";

/** POST to a pod's eviction: a deletion that asks the pod's disruption budget first. */
export function evict(call: Call, backend: Backend): Outcome {
  const eviction = bodyJson(call);
  const name = textAt(eviction, "metadata", "name") ?? "";
  if (name !== "" && name !== call.name) throw badRequest("name in URL does not match name in Eviction object");
  const options = optionsOf(eviction, call);
  refuseNamespace(call, backend);
  admitted(call, { backend, operation: "CREATE", object: evictionObject(eviction, call) });
  const pod = existing(call, backend.store);
  if (!isPastBudgets(pod)) askBudget(pod, { call, backend, options });
  deleted(pod, {
    call: { ...call, subresource: "", verb: "delete" },
    backend: { ...backend, admission: () => undefined },
    options,
  });
  return { code: 201, body: success({ code: 201 }) };
}

/** Finished, not yet running or already going: its disruption has happened, so no budget is asked. */
function isPastBudgets(pod: KubeObject): boolean {
  const phase = at(pod, "status", "phase");
  return phase === "Pending" || phase === "Succeeded" || phase === "Failed" || isTerminating(pod);
}

interface Question {
  readonly call: Call;
  readonly backend: Backend;
  readonly options: DeleteOptions;
}

/** Throws unless the pod has no budget, or one that allows this; then the budget is charged. */
function askBudget(pod: KubeObject, { call, backend, options }: Question): void {
  const resource = findResource("policy", { version: "v1", plural: "poddisruptionbudgets" });
  if (resource === undefined) return;
  const budgets = backend.store.list(resource).filter((budget) => guards(budget, pod));
  const [budget] = budgets;
  if (budgets.length > 1) {
    const message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    throw failure(500, undefined, { message });
  }
  if (budget === undefined || mayGoUnhealthy(pod, budget)) return;
  refuseByBudget(budget, resource);
  if (!options.dryRun) backend.store.put(resource, charged(budget, { pod: call.name, nowMs: backend.nowMs() }));
}

function guards(budget: KubeObject, pod: KubeObject): boolean {
  if (budget.metadata["namespace"] !== pod.metadata["namespace"]) return false;
  const selector = selectorOf(objectAt(budget, "spec", "selector"));
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
  return {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed: count(budget, "disruptionsAllowed") - 1,
      disruptedPods: { ...objectAt(status, "disruptedPods"), [pod]: kubeTime(nowMs) },
    },
  };
}

function optionsOf(eviction: JsonObject, call: Call): DeleteOptions {
  const options = objectAt(eviction, "deleteOptions");
  isDryRun(options["dryRun"], "DeleteOptions");
  return deleteOptionsOf(options, call);
}

function evictionObject(eviction: JsonObject, { name, namespace }: Call): KubeObject {
  return {
    ...eviction,
    kind: "Eviction",
    apiVersion: "policy/v1",
    metadata: { name, namespace, uid: "", resourceVersion: "" },
  };
}

function count(budget: KubeObject, field: string): number {
  return numberAt(budget, "status", field) ?? 0;
}
