import type { Backend, Call, Outcome } from "../call.ts";
import { eventsShown, eventsStored } from "../objects/events.ts";
import { at, isObject, listAt, numberAt, parseJson, sameJson, textAt, without } from "../objects/json.ts";
import type { JsonObject } from "../objects/json.ts";
import { isTerminating, normalised, withMeta } from "../objects/object.ts";
import type { KubeObject, ObjectMeta } from "../objects/object.ts";
import { applyJsonPatch } from "../patches/json-patch.ts";
import { applyMergePatch } from "../patches/merge-patch.ts";
import { applyStrategicMergePatch } from "../patches/strategic-merge-patch.ts";
import { badRequest, conflict, invalid, modifiedMeanwhile, notFound, unsupportedMediaType } from "../status.ts";
import { brokenRules, forbiddenChanges } from "../objects/validation.ts";
import { objectViewOf, shown } from "../objects/view.ts";
import { wrongType } from "../objects/wrong-type.ts";
import { admitted } from "./admitted.ts";
import { bodyObject, refuseOtherPlace, refuseTooLarge } from "./body.ts";
import { created } from "./create.ts";
import { callKey, existing } from "./read.ts";

/** PUT of an object or its status. */
export function update(call: Call, backend: Backend): Outcome {
  const view = objectViewOf(call);
  const body = bodyObject(call);
  if (textAt(body, "metadata", "name") === undefined) throw badRequest("name must be provided");
  const old = backend.store.get(call.resource, callKey(call));
  if (old === undefined) {
    if (!call.resource.createOnUpdate) throw notFound(call.resource, call.name);
    const object = created(call, {
      backend,
      body: { ...body, metadata: without(metadataOf(body), "resourceVersion") },
    });
    return { code: 201, body: shown(object, { view, resource: call.resource }) };
  }
  const uid = textAt(body, "metadata", "uid") ?? "";
  if (uid !== "" && uid !== old.metadata.uid) {
    const because = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`;
    throw conflict(call.resource, { name: call.name, because });
  }
  return {
    code: 200,
    body: shown(replaced(old, { call, backend, proposed: eventsStored(body, call.resource) }), {
      view,
      resource: call.resource,
    }),
  };
}

/** PATCH of an object or its status, in any of the three languages. */
export function patch(call: Call, backend: Backend): Outcome {
  const view = objectViewOf(call);
  const apply = patchLanguage(call);
  refuseTooLarge(call);
  if (parseJson(call.body) === undefined) throw badRequest("invalid JSON patch");
  const old = existing(call, backend.store);
  const proposed = apply(eventsShown(old, call.resource));
  const wrong = wrongType(proposed);
  if (wrong !== undefined) {
    const message = `Invalid value: ${JSON.stringify(JSON.stringify(proposed))}: ${wrong}`;
    throw invalid({ group: "", kind: "", name: "" }, [{ field: "patch", message, type: "FieldValueInvalid" }]);
  }
  refuseOtherPlace(proposed, call);
  return {
    code: 200,
    body: shown(replaced(old, { call, backend, proposed: eventsStored(proposed, call.resource) }), {
      view,
      resource: call.resource,
    }),
  };
}

function patchLanguage(call: Call): (current: JsonObject) => JsonObject {
  const type = (call.headers["content-type"] ?? "").split(";")[0] ?? "";
  switch (type) {
    case "application/json-patch+json":
      return (current) => applyJsonPatch(current, call.body);
    case "application/merge-patch+json":
      return (current) => applyMergePatch(current, patchObject(call));
    case "application/strategic-merge-patch+json":
      return (current) => applyStrategicMergePatch(current, patchObject(call));
    default:
      throw unsupportedMediaType([
        "application/json-patch+json",
        "application/merge-patch+json",
        "application/strategic-merge-patch+json",
      ]);
  }
}

function patchObject(call: Call): JsonObject {
  const parsed = parseJson(call.body);
  if (!isObject(parsed))
    throw badRequest("error decoding patch: json: cannot unmarshal into Go value of type map[string]interface {}");
  return parsed;
}

interface Replacement {
  readonly call: Call;
  readonly backend: Backend;
  readonly proposed: JsonObject;
}

/** Stores a proposal in place of `old`; throws a 409 for a stale version and a 422 for a broken rule. */
export function replaced(old: KubeObject, { call, backend, proposed }: Replacement): KubeObject {
  refuseStale(call, { old, proposed });
  const object = prepared(old, { call, proposed });
  const errors = [...brokenRules(object), ...forbiddenChanges(object, old)];
  if (errors.length > 0) throw invalid({ ...call.resource, name: call.name }, errors);
  admitted(call, { backend, operation: "UPDATE", object, oldObject: old });
  if (call.dryRun) return object;
  // Whoever takes the last finalizer off a deleted object removes it.
  if (isTerminating(object) && listAt(object, "metadata", "finalizers").length === 0 && !isGraceful(object)) {
    return backend.store.remove(call.resource, object);
  }
  return backend.store.put(call.resource, object);
}

function refuseStale(call: Call, { old, proposed }: { readonly old: KubeObject; readonly proposed: JsonObject }): void {
  const version = textAt(proposed, "metadata", "resourceVersion") ?? "";
  const unset = version === "" || version === "0";
  if (unset && call.resource.unconditionalUpdate) return;
  if (unset) {
    throw invalid({ group: call.resource.group, kind: call.resource.plural, name: call.name }, [
      {
        field: "metadata.resourceVersion",
        message: "Invalid value: 0: must be specified for an update",
        type: "FieldValueInvalid",
      },
    ]);
  }
  if (version !== old.metadata.resourceVersion) {
    throw conflict(call.resource, { name: call.name, because: modifiedMeanwhile });
  }
}

/** The proposal with what its author may not say taken from the stored object. */
function prepared(old: KubeObject, { call, proposed }: Omit<Replacement, "backend">): KubeObject {
  const { resource, subresource } = call;
  const ofOld = (field: string): JsonObject => ({ [field]: at(old, field) });
  const metadata: JsonObject = {
    ...keptByServer(old.metadata),
    ...metadataOf(proposed),
    resourceVersion: old.metadata.resourceVersion,
    ...(old.metadata["generation"] !== undefined && { generation: old.metadata["generation"] }),
  };
  const whole = {
    ...(subresource === "status" ? { ...old, status: at(proposed, "status") } : proposed),
    ...(subresource === "" && resource.hasStatus && ofOld("status")),
    kind: old.kind,
    apiVersion: old.apiVersion,
    metadata: metadata as ObjectMeta,
  };
  const object = normalised(whole);
  return resource.hasGeneration && !sameJson(at(object, "spec"), at(old, "spec"))
    ? withMeta(object, { generation: (numberAt(old, "metadata", "generation") ?? 0) + 1 })
    : object;
}

/** Left out of a PUT, these stay; given differently, they are refused. */
function keptByServer(metadata: ObjectMeta): JsonObject {
  const kept = ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"];
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => kept.includes(name)));
}

/** Nulls and empty identities mean "not given". */
function metadataOf(object: JsonObject): JsonObject {
  const metadata = at(object, "metadata");
  if (!isObject(metadata)) return {};
  return Object.fromEntries(
    Object.entries(metadata).filter(([, value]) => value !== null && value !== "" && value !== undefined),
  );
}

function isGraceful(object: KubeObject): boolean {
  return (numberAt(object, "metadata", "deletionGracePeriodSeconds") ?? 0) > 0;
}
