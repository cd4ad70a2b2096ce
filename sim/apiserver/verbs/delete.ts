import type { Backend, Call, Outcome } from "../call.ts";
import { at, listAt, numberAt, parseJson, isObject, textAt } from "../objects/json.ts";
import type { JsonObject } from "../objects/json.ts";
import { isTerminating, kubeTime, withMeta } from "../objects/object.ts";
import type { KubeObject } from "../objects/object.ts";
import { badRequest, conflict, success } from "../status.ts";
import { objectViewOf, shown } from "../objects/view.ts";
import { admitted } from "./admitted.ts";
import { deleteOptionsOf } from "./body.ts";
import type { DeleteOptions } from "./body.ts";
import { existing } from "./read.ts";

/** DELETE of one object. */
export function remove(call: Call, backend: Backend): Outcome {
  const view = objectViewOf(call);
  const options = deleteOptionsOf(call.body === "" ? {} : givenOptions(call), call);
  const object = existing(call, backend.store);
  const { left, gone } = deleted(object, { call, backend, options });
  if (!gone || ["Pod", "Namespace", "ServiceAccount"].includes(call.resource.kind))
    return { code: 200, body: shown(left, { view, resource: call.resource }) };
  const { uid, name } = object.metadata;
  return {
    code: 200,
    body: success({
      details: {
        name,
        ...(call.resource.group !== "" && { group: call.resource.group }),
        kind: call.resource.plural,
        uid,
      },
    }),
  };
}

function givenOptions({ body }: Call): JsonObject {
  const options = parseJson(body);
  if (isObject(options)) return options;
  throw badRequest("couldn't get version/kind; json parse error: invalid JSON");
}

interface Deletion {
  readonly call: Call;
  readonly backend: Backend;
  readonly options: DeleteOptions;
}

interface Deleted {
  /** The object as it is now, or was last. */
  readonly left: KubeObject;
  readonly gone: boolean;
}

/** Deletes, or begins to where there is a grace period or a finalizer; throws a 409 for a failed precondition. */
export function deleted(object: KubeObject, { call, backend, options }: Deletion): Deleted {
  refuseOther(object, { call, options });
  admitted(call, { backend, operation: "DELETE", oldObject: object });
  const grace = graceSeconds(object, options);
  if (isTerminating(object) && object.kind === "Namespace") return { left: object, gone: false };
  if (isTerminating(object) && waits(object)) return shortened(object, { call, backend, options });
  if (grace === 0 && listAt(object, "metadata", "finalizers").length === 0 && object.kind !== "Namespace") {
    if (object.kind === "Pod") return ended(markedForEnd(object, { grace, backend }), { call, backend, options });
    return { left: options.dryRun ? object : backend.store.remove(call.resource, object), gone: true };
  }
  const marked = markedForEnd(object, { grace, backend });
  const ending = object.kind === "Namespace" ? endingNamespace(marked) : marked;
  return { left: options.dryRun ? ending : backend.store.put(call.resource, ending), gone: false };
}

/** It has no grace: it waits until its controller has emptied it. */
function endingNamespace(marked: KubeObject): KubeObject {
  return { ...withMeta(marked, { deletionGracePeriodSeconds: undefined }), status: { phase: "Terminating" } };
}

function markedForEnd(
  object: KubeObject,
  { grace, backend }: { readonly grace: number; readonly backend: Backend },
): KubeObject {
  const generation = numberAt(object, "metadata", "generation");
  return withMeta(object, {
    deletionTimestamp: kubeTime(backend.nowMs() + grace * 1000),
    deletionGracePeriodSeconds: grace,
    ...(generation !== undefined && { generation: generation + 1 }),
  });
}

/** A second deletion may only make the grace period shorter; zero ends it at once. */
function shortened(object: KubeObject, { call, backend, options }: Deletion): Deleted {
  const before = numberAt(object, "metadata", "deletionGracePeriodSeconds") ?? 0;
  const asked = options.gracePeriodSeconds;
  const wanted = asked === undefined ? before : asked < 0 ? 1 : asked;
  if (wanted >= before) return { left: object, gone: false };
  const deadlineMs = Date.parse(textAt(object, "metadata", "deletionTimestamp") ?? "") - (before - wanted) * 1000;
  const marked = withMeta(object, {
    deletionTimestamp: kubeTime(Math.max(deadlineMs, backend.nowMs())),
    deletionGracePeriodSeconds: wanted,
  });
  if (wanted === 0 && listAt(object, "metadata", "finalizers").length === 0) {
    return ended(marked, { call, backend, options });
  }
  return { left: options.dryRun ? marked : backend.store.put(call.resource, marked), gone: false };
}

/** What could have ended gracefully is written once more before it goes: watchers see both. */
function ended(marked: KubeObject, { call, backend, options }: Deletion): Deleted {
  if (options.dryRun) return { left: marked, gone: true };
  return { left: backend.store.remove(call.resource, backend.store.put(call.resource, marked)), gone: true };
}

/** Only pods end gracefully, and only while a kubelet has something to end. */
function graceSeconds(object: KubeObject, { gracePeriodSeconds }: DeleteOptions): number {
  if (object.kind !== "Pod") return 0;
  const phase = at(object, "status", "phase");
  if ((textAt(object, "spec", "nodeName") ?? "") === "" || phase === "Succeeded" || phase === "Failed") return 0;
  const seconds = gracePeriodSeconds ?? numberAt(object, "spec", "terminationGracePeriodSeconds") ?? 30;
  return seconds < 0 ? 1 : seconds;
}

function waits(object: KubeObject): boolean {
  return (
    (numberAt(object, "metadata", "deletionGracePeriodSeconds") ?? 0) > 0 ||
    listAt(object, "metadata", "finalizers").length > 0
  );
}

/** Throws a 409 when the object is not the one that the preconditions name. */
export function refuseOther(object: KubeObject, { call, options }: Omit<Deletion, "backend">): void {
  const { uid, resourceVersion } = object.metadata;
  const refuse = (what: string, { wanted, actual, hint }: { wanted: string; actual: string; hint: string }): never => {
    // The real server names the kind here, where it names the resource everywhere else.
    throw conflict(
      { group: call.resource.group, plural: call.resource.kind },
      {
        name: object.metadata.name,
        because: `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${actual}). ${hint}`,
      },
    );
  };
  if (options.uid !== undefined && options.uid !== uid) {
    refuse("UID", { wanted: options.uid, actual: uid, hint: "The object might have been deleted and then recreated" });
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    refuse("ResourceVersion", {
      wanted: options.resourceVersion,
      actual: resourceVersion,
      hint: "The object might have been modified",
    });
  }
}
