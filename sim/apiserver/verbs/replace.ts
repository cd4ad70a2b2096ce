import type { Backend, Call } from "../call.ts";
import { at, isObject, listAt, numberAt, sameJson, textAt } from "../objects/json.ts";
import type { Json, JsonObject } from "../objects/json.ts";
import { isTerminating, normalised, withMeta } from "../objects/object.ts";
import type { KubeObject, ObjectMeta } from "../objects/object.ts";
import { withTemplateGeneration } from "../objects/template-generation.ts";
import { blamed } from "../objects/resources.ts";
import { brokenRules, forbiddenChanges } from "../objects/validation.ts";
import { conflict, invalid, modifiedMeanwhile, unclassified } from "../status.ts";
import { admitted } from "./admitted.ts";

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
  if (errors.length > 0) throw invalid({ ...blamed(call.resource), name: call.name }, errors);
  admitted(call, { backend, operation: "UPDATE", object, oldObject: old });
  if (call.dryRun) return object;
  // Whoever takes the last finalizer off a deleted object removes it.
  if (isTerminating(object) && listAt(object, "metadata", "finalizers").length === 0 && !isGraceful(object)) {
    // The answer has the version that it was changed from, not that of its end; watchers see what was stored.
    backend.store.remove(call.resource, old);
    return object;
  }
  return backend.store.put(call.resource, object);
}

function refuseStale(call: Call, { old, proposed }: { readonly old: KubeObject; readonly proposed: JsonObject }): void {
  const version = textAt(proposed, "metadata", "resourceVersion") ?? "";
  if (!/^\d*$/.test(version)) throw unclassified(`strconv.ParseUint: parsing "${version}": invalid syntax`);
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
  const { resourceVersion, creationTimestamp, generation, namespace } = old.metadata;
  const metadata: JsonObject = {
    ...keptByServer(old.metadata),
    ...givenMetadata(proposed),
    resourceVersion,
    creationTimestamp,
    generation,
    namespace,
  };
  const whole = {
    ...(subresource === "status" ? { ...old, status: at(proposed, "status") } : proposed),
    ...(subresource === "" && resource.hasStatus && { status: at(old, "status") }),
    kind: old.kind,
    apiVersion: old.apiVersion,
    metadata: metadata as ObjectMeta,
  };
  const object = withTemplateGeneration(normalised(whole), old);
  return resource.hasGeneration && !sameJson(at(object, "spec"), at(old, "spec"))
    ? withMeta(object, { generation: (numberAt(old, "metadata", "generation") ?? 0) + 1 })
    : object;
}

/** Left out of a PUT, these stay; given differently, they are refused. */
function keptByServer({ name, uid, deletionTimestamp, deletionGracePeriodSeconds }: ObjectMeta): JsonObject {
  return {
    name,
    uid,
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(deletionGracePeriodSeconds !== undefined && { deletionGracePeriodSeconds }),
  };
}

/** What an author says in an object's metadata: nulls and empty identities mean "not given". */
export function givenMetadata(object: JsonObject): JsonObject {
  const metadata = at(object, "metadata");
  if (!isObject(metadata)) return {};
  const isGiven = (value: Json | undefined): boolean => value !== null && value !== "" && value !== undefined;
  if (Object.values(metadata).every(isGiven)) return metadata;
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => isGiven(value)));
}

function isGraceful(object: KubeObject): boolean {
  return (numberAt(object, "metadata", "deletionGracePeriodSeconds") ?? 0) > 0;
}
