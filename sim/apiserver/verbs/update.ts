import type { Backend, Call, Outcome } from "../call.ts";
import { eventsStored } from "../objects/events.ts";
import { textAt, without } from "../objects/json.ts";
import type { JsonObject } from "../objects/json.ts";
import { objectViewOf, shown } from "../objects/view.ts";
import { conflict, notFound } from "../status.ts";
import { bodyObject } from "./body.ts";
import { created } from "./create.ts";
import { callKey } from "./read.ts";
import { givenMetadata, replaced } from "./replace.ts";

/** PUT of an object or its status. */
export function update(call: Call, backend: Backend): Outcome {
  const view = objectViewOf(call);
  const body = bodyObject(call);
  const old = backend.store.get(call.resource, callKey(call));
  refuseOtherUid(body, { call, uid: old?.metadata.uid ?? "" });
  if (old === undefined) {
    if (!call.resource.createOnUpdate) throw notFound(call.resource, call.name);
    const object = created(call, {
      backend,
      body: { ...body, metadata: without(givenMetadata(body), "resourceVersion") },
    });
    return { code: 201, body: shown(object, { view, resource: call.resource }) };
  }
  const object = replaced(old, { call, backend, proposed: eventsStored(body, call.resource) });
  return { code: 200, body: shown(object, { view, resource: call.resource }) };
}

/** A PUT of an object that was read before it was created anew, or before it was deleted, is a conflict. */
function refuseOtherUid(body: JsonObject, { call, uid }: { readonly call: Call; readonly uid: string }): void {
  const its = textAt(body, "metadata", "uid") ?? "";
  if (its === "" || (uid === "" && !call.resource.createOnUpdate) || its === uid) return;
  const said = `Precondition failed: UID in precondition: ${its}, UID in object meta: ${uid}`;
  // The name under which the real server keeps nodes is older than nodes.
  const key = `/registry/${call.resource.plural === "nodes" ? "minions" : call.resource.plural}/${callKey(call)}`;
  const because = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${said}`;
  throw conflict(call.resource, { name: call.name, because });
}
