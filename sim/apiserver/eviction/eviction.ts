import type { Backend, Call, Outcome } from "../call.ts";
import { at, isObject, listAt, objectAt, textAt } from "../objects/json.ts";
import type { Json, JsonObject } from "../objects/json.ts";
import { isTerminating, kubeTime } from "../objects/object.ts";
import type { KubeObject } from "../objects/object.ts";
import { badRequest, success } from "../status.ts";
import { admitted } from "../verbs/admitted.ts";
import { bodyJson, deleteOptionsOf } from "../verbs/body.ts";
import type { DeleteOptions } from "../verbs/body.ts";
import { refuseNamespace } from "../verbs/create.ts";
import { deleted, refuseOther } from "../verbs/delete.ts";
import { askBudget } from "./disruption-budget.ts";
import { existing } from "../verbs/read.ts";

/** POST to a pod's eviction: a deletion that asks the pod's disruption budget first. */
export function evict(call: Call, backend: Backend): Outcome {
  const eviction = evictionOf(call);
  if (textAt(eviction, "metadata", "name") !== call.name)
    throw badRequest("name in URL does not match name in Eviction object");
  const options = deleteOptionsOf(objectAt(eviction, "deleteOptions"), call);
  refuseNamespace(call, backend);
  admitted(call, { backend, operation: "CREATE", object: evictionObject(eviction, call) });
  const pod = existing(call, backend.store);
  const leave = isPastBudgets(pod) ? "allowed" : askBudget(pod, { backend, dryRun: options.dryRun });
  // Of a pod that goes as unhealthy the real server demands the version that it has seen itself, whatever was asked.
  const demanded = leave === "unhealthy" ? { ...options, resourceVersion: undefined } : options;
  deleteEvicted(pod, { call, backend, options: demanded });
  return { code: 201, body: success({ code: 201 }) };
}

/** The body; throws a 400 for one that is no Eviction, which is of another API than the pod. */
function evictionOf(call: Call): JsonObject {
  const eviction = bodyJson({ ...call, resource: { ...call.resource, kind: "Eviction" } });
  const [kind, apiVersion] = [textAt(eviction, "kind") ?? "Eviction", textAt(eviction, "apiVersion") ?? "policy/v1"];
  if (kind === "Eviction" && (apiVersion === "policy/v1" || apiVersion === "policy/v1beta1")) return eviction;
  const version = apiVersion.split("/").at(-1) ?? "";
  throw badRequest(`${kind} in version "${version}" cannot be handled as a Eviction: it is none of policy/v1`);
}

/** Finished, not yet running or already going: its disruption has happened, so no budget is asked. */
function isPastBudgets(pod: KubeObject): boolean {
  const phase = at(pod, "status", "phase");
  return phase === "Pending" || phase === "Succeeded" || phase === "Failed" || isTerminating(pod);
}

interface Deletion {
  readonly call: Call;
  readonly backend: Backend;
  readonly options: DeleteOptions;
}

/** The preconditions are asked before the pod is marked, because the mark gives it a new version. */
function deleteEvicted(pod: KubeObject, { call, backend, options }: Deletion): void {
  refuseOther(pod, { call, options });
  const marked = options.dryRun ? pod : backend.store.put(call.resource, withDisruptionTarget(pod, backend.nowMs()));
  deleted(marked, {
    call: { ...call, subresource: "", verb: "delete" },
    backend: { ...backend, admission: () => undefined },
    options: { ...options, uid: undefined, resourceVersion: undefined },
  });
}

/** Says on the pod itself why it goes. */
function withDisruptionTarget(pod: KubeObject, nowMs: number): KubeObject {
  const others = listAt(pod, "status", "conditions").filter((one) => !isDisruptionTarget(one));
  const target = {
    type: "DisruptionTarget",
    status: "True",
    lastTransitionTime: kubeTime(nowMs),
    reason: "EvictionByEvictionAPI",
    message: "Eviction API: evicting",
  };
  const known = listAt(pod, "status", "conditions").find(isDisruptionTarget);
  const condition = isObject(known) && at(known, "status") === "True" ? known : target;
  return { ...pod, status: { ...objectAt(pod, "status"), conditions: [...others, condition] } };
}

function isDisruptionTarget(condition: Json): boolean {
  return at(condition, "type") === "DisruptionTarget";
}

function evictionObject(eviction: JsonObject, { name, namespace }: Call): KubeObject {
  return {
    ...eviction,
    kind: "Eviction",
    apiVersion: "policy/v1",
    metadata: { name, namespace, uid: "", resourceVersion: "" },
  };
}
