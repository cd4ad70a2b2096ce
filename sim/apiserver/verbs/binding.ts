import type { Backend, Call, Outcome } from "../call.ts";
import { at, listAt, objectAt, textAt } from "../objects/json.ts";
import type { JsonObject } from "../objects/json.ts";
import { isTerminating, kubeTime } from "../objects/object.ts";
import type { KubeObject } from "../objects/object.ts";
import { conflict, success, unclassified } from "../status.ts";
import { bodyJson } from "./body.ts";
import { existing } from "./read.ts";

/** POST to a pod's binding: the scheduler's word on which node it is to run. Throws a 409 when that is settled. */
export function bind(call: Call, { store, nowMs }: Backend): Outcome {
  const node = textAt(bodyJson(call), "target", "name") ?? "";
  if (node === "") throw unclassified("target.name: Required value");
  const pod = existing(call, store);
  const bound = textAt(pod, "spec", "nodeName") ?? "";
  if (isTerminating(pod)) {
    throw conflict(bindings, {
      name: call.name,
      because: `pod ${call.name} is being deleted, cannot be assigned to a host`,
    });
  }
  if (bound !== "") {
    throw conflict(bindings, { name: call.name, because: `pod ${call.name} is already assigned to node "${bound}"` });
  }
  const spec = { ...objectAt(pod, "spec"), nodeName: node };
  if (!call.dryRun) store.put(call.resource, { ...pod, spec, status: scheduled(pod, kubeTime(nowMs())) });
  return { code: 201, body: success({ code: 201 }) };
}

/** The pod's status, which says from now on that it has a node. */
function scheduled(pod: KubeObject, now: string): JsonObject {
  const others = listAt(pod, "status", "conditions").filter((condition) => at(condition, "type") !== "PodScheduled");
  const condition = { type: "PodScheduled", status: "True", lastTransitionTime: now };
  return { ...objectAt(pod, "status"), conditions: [...others, condition] };
}

const bindings = { group: "", plural: "pods/binding" };
