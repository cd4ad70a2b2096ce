import type { Backend, Call, Outcome } from "../call.ts";
import { objectAt, textAt } from "../objects/json.ts";
import { isTerminating } from "../objects/object.ts";
import { badRequest, conflict, success } from "../status.ts";
import { bodyJson } from "./body.ts";
import { existing } from "./read.ts";

/** POST to a pod's binding: the scheduler's word on which node it is to run. Throws a 409 when that is settled. */
export function bind(call: Call, { store }: Backend): Outcome {
  const node = textAt(bodyJson(call), "target", "name") ?? "";
  if (node === "") throw badRequest("target.name: Required value");
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
  if (!call.dryRun) store.put(call.resource, { ...pod, spec: { ...objectAt(pod, "spec"), nodeName: node } });
  return { code: 201, body: success({ code: 201 }) };
}

const bindings = { group: "", plural: "pods/binding" };
