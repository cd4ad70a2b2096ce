import type { Backend, Call, Outcome } from "../call.ts";
import { eventsStored } from "../objects/events.ts";
import { at, objectAt, textAt, without } from "../objects/json.ts";
import type { JsonObject } from "../objects/json.ts";
import { isTerminating, keyOf, kubeTime, normalised, withMeta } from "../objects/object.ts";
import type { KubeObject } from "../objects/object.ts";
import { apiVersionOf, blamed, resources } from "../objects/resources.ts";
import type { FieldError } from "../status.ts";
import { alreadyExists, forbidden, invalid, notFound, unclassified } from "../status.ts";
import { objectViewOf, shown } from "../objects/view.ts";
import { withTemplateGeneration } from "../objects/template-generation.ts";
import { missingValue } from "../objects/field-error.ts";
import { brokenRules } from "../objects/validation.ts";
import { admitted } from "./admitted.ts";
import { bodyObject } from "./body.ts";

/** POST to a collection. */
export function create(call: Call, backend: Backend): Outcome {
  const view = objectViewOf(call);
  return {
    code: 201,
    body: shown(created(call, { backend, body: bodyObject(call) }), { view, resource: call.resource }),
  };
}

/** Stores a new object; throws a 409 when its name is taken and a 422 when it breaks a rule. */
export function created(
  call: Call,
  { backend, body }: { readonly backend: Backend; readonly body: JsonObject },
): KubeObject {
  const object = newObject(call, { backend, body });
  const named: Call = { ...call, name: object.metadata.name };
  refuseNamespace(named, backend);
  const errors = [...brokenRules(object), ...withoutTime(object, call)];
  if (errors.length > 0) throw invalid({ ...blamed(call.resource), name: named.name }, errors);
  admitted(named, { backend, operation: "CREATE", object });
  const old = backend.store.get(call.resource, keyOf(object));
  if (old !== undefined) throw alreadyExists(call.resource, { name: named.name, isEnding: isTerminating(old) });
  // What is not stored has no version.
  if (call.dryRun) return withMeta(object, { resourceVersion: undefined });
  return backend.store.put(call.resource, object);
}

function newObject(
  call: Call,
  { backend, body }: { readonly backend: Backend; readonly body: JsonObject },
): KubeObject {
  const { resource, namespace } = call;
  if (textAt(body, "metadata", "resourceVersion"))
    throw unclassified("resourceVersion should not be set on objects to be created");
  const given = withoutServerFields(objectAt(body, "metadata"));
  const named = { ...given, name: nameOf(given, { call, backend }) };
  const object = eventsStored(resource.dropsStatusOnCreate ? without(body, "status") : body, resource);
  return withDefaults(
    normalised({
      ...object,
      kind: resource.kind,
      apiVersion: textAt(object, "apiVersion") ?? apiVersionOf(resource),
      metadata: {
        ...named,
        ...(namespace !== "" && { namespace }),
        uid: uuid(backend.random.hex(16)),
        resourceVersion: "",
        creationTimestamp: kubeTime(backend.nowMs()),
        ...(resource.hasGeneration && { generation: 1 }),
      },
    }),
  );
}

/** Only the core API may leave out when something happened. */
function withoutTime(object: KubeObject, { resource }: Call): readonly FieldError[] {
  const missing = resource.group === "events.k8s.io" && textAt(object, "eventTime") === undefined;
  return missing ? [missingValue("eventTime")] : [];
}

/** What only the server may say about an object. */
function withoutServerFields(metadata: JsonObject): JsonObject {
  return without(
    metadata,
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "selfLink",
  );
}

function nameOf(
  metadata: JsonObject,
  { call: { resource, namespace }, backend }: { readonly call: Call; readonly backend: Backend },
): string {
  const given = textAt(metadata, "name") ?? "";
  const prefix = textAt(metadata, "generateName") ?? "";
  if (given !== "" || prefix === "") return given;
  const draw = () => `${prefix}${suffix(backend.random.hex(5))}`;
  let name = draw();
  // As API servers do since 1.30: of thousands of pods two may well be given the same name.
  for (let draws = 1; draws < drawsMax; draws += 1) {
    if (
      backend.store.get(resource, keyOf({ metadata: { name, ...(namespace !== "" && { namespace }) } })) === undefined
    )
      break;
    name = draw();
  }
  return name;
}

const drawsMax = 8;

/** Five characters without vowels, so that no word appears by accident. */
function suffix(hex: string): string {
  const letters = "bcdfghjklmnpqrstvwxz2456789";
  return Array.from(
    { length: 5 },
    (_, index) => letters[Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16) % letters.length],
  ).join("");
}

function uuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

function withDefaults(object: KubeObject): KubeObject {
  switch (object.kind) {
    case "Pod":
      return {
        ...object,
        spec: { terminationGracePeriodSeconds: 30, restartPolicy: "Always", ...objectAt(object, "spec") },
        status: { phase: "Pending" },
      };
    case "Namespace":
      return withMeta(
        { ...object, spec: { finalizers: ["kubernetes"], ...objectAt(object, "spec") }, status: { phase: "Active" } },
        { labels: { ...objectAt(object, "metadata", "labels"), "kubernetes.io/metadata.name": object.metadata.name } },
      );
    case "DaemonSet": {
      const none = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 };
      return { ...withTemplateGeneration(object, undefined), status: none };
    }
    case "PodDisruptionBudget":
      return { ...object, status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 } };
    default:
      return object;
  }
}

/** Nothing is created in a namespace that does not exist or that is about to go; throws 404 or 403. */
export function refuseNamespace(call: Call, { store }: Backend): void {
  if (call.namespace === "") return;
  const namespaces = resources.find(({ kind }) => kind === "Namespace");
  if (namespaces === undefined) return;
  const namespace = store.get(namespaces, call.namespace);
  if (namespace === undefined) throw notFound(namespaces, call.namespace);
  if (!isTerminating(namespace) && at(namespace, "status", "phase") !== "Terminating") return;
  throw forbidden(call.resource, {
    name: call.name,
    because: `unable to create new content in namespace ${call.namespace} because it is being terminated`,
    causes: [
      {
        reason: "NamespaceTerminating",
        message: `namespace ${call.namespace} is being terminated`,
        field: "metadata.namespace",
      },
    ],
  });
}
