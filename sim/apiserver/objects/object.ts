import { at, isList, isObject, objectAt, textAt, without } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/** What every stored object has; more fields are allowed everywhere. */
export type KubeObject = JsonObject & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
};

/** Metadata of a stored object: what the server itself needs of it is there. */
export type ObjectMeta = JsonObject & {
  readonly name: string;
  readonly uid: string;
  /** Empty until the store has stamped it. */
  readonly resourceVersion: string;
};

/** `namespace/name`, or the name alone: what the store sorts and pages by. */
export function keyOf(object: JsonObject): string {
  const namespace = textAt(object, "metadata", "namespace");
  const name = textAt(object, "metadata", "name") ?? "";
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The same object with some fields of its metadata replaced; `undefined` removes one. */
export function withMeta(object: KubeObject, fields: JsonObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, ...fields } };
}

/** Whether it waits for its end: asked to be deleted, and not yet gone. */
export function isTerminating(object: JsonObject): boolean {
  return textAt(object, "metadata", "deletionTimestamp") !== undefined;
}

/** Seconds are all that the API keeps of an ordinary time. */
export function kubeTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/\.\d+Z$/, "Z");
}

/**
 * What the real server's types would make of an object: nulls and empty optional fields are not stored, and
 * micro-times have six digits. JSON patches see this form, so `test` depends on it.
 */
export function normalised(object: KubeObject): KubeObject {
  const kept = withoutNulls(withFullMaps(object)) as KubeObject;
  const metadata = withoutEmpty(kept.metadata, "labels", "annotations", "finalizers", "ownerReferences");
  const trimmed: KubeObject = { ...kept, ...withoutEmptyStatus(kept), metadata: metadata as ObjectMeta };
  switch (object.kind) {
    case "Node":
      return { ...trimmed, spec: nodeSpec(objectAt(trimmed, "spec")), status: nodeStatus(objectAt(trimmed, "status")) };
    case "Lease":
      return { ...trimmed, spec: withMicroTimes(objectAt(trimmed, "spec"), "acquireTime", "renewTime") };
    case "Event":
      return withMicroTimes(trimmed, "eventTime") as KubeObject;
    default:
      return trimmed;
  }
}

/** An empty list or map of a status is none. */
function withoutEmptyStatus(object: KubeObject): JsonObject {
  const status = at(object, "status");
  return isObject(status) ? { status: withoutEmpty(status, ...Object.keys(status)) } : {};
}

/** Nobody can store a null among labels and annotations: it becomes an empty text. */
function withFullMaps(object: KubeObject): KubeObject {
  const { labels = {}, annotations = {} } = object.metadata;
  if (isFull(labels) && isFull(annotations)) return object;
  const full = (name: string): JsonObject => {
    const map = objectAt(object.metadata, name);
    return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, value === null ? "" : value]));
  };
  return withMeta(object, { labels: full("labels"), annotations: full("annotations") });
}

function isFull(map: Json): boolean {
  return isObject(map) && !Object.values(map).includes(null);
}

function nodeSpec(spec: JsonObject): JsonObject {
  const trimmed = withoutEmpty(spec, "taints");
  return at(trimmed, "unschedulable") === false ? without(trimmed, "unschedulable") : trimmed;
}

/** These texts are never absent, only empty. */
const nodeInfoTexts = [
  "machineID",
  "systemUUID",
  "bootID",
  "kernelVersion",
  "osImage",
  "containerRuntimeVersion",
  "kubeletVersion",
  "kubeProxyVersion",
  "operatingSystem",
  "architecture",
];

function nodeStatus(status: JsonObject): JsonObject {
  const { daemonEndpoints, nodeInfo } = status;
  if (isObject(daemonEndpoints) && isObject(nodeInfo) && nodeInfoTexts.every((name) => name in nodeInfo)) return status;
  const empty = Object.fromEntries(nodeInfoTexts.map((name) => [name, ""]));
  return {
    daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
    ...status,
    nodeInfo: { ...empty, ...objectAt(status, "nodeInfo") },
  };
}

/** In UTC; validation has seen to it that there are six digits. */
function withMicroTimes(value: JsonObject, ...names: readonly string[]): JsonObject {
  return names.reduce((current, name) => {
    const time = textAt(current, name);
    return time === undefined ? current : { ...current, [name]: microTime(time) };
  }, value);
}

function microTime(text: string): string {
  const micros = /\.(\d{6})/.exec(text)?.[1] ?? "000000";
  return `${new Date(text).toISOString().slice(0, 19)}.${micros}Z`;
}

function withoutEmpty(value: JsonObject, ...names: readonly string[]): JsonObject {
  const empty = names.filter((name) => {
    const field = at(value, name);
    return isList(field) ? field.length === 0 : isObject(field) && Object.keys(field).length === 0;
  });
  return empty.length === 0 ? value : without(value, ...empty);
}

/** The very same value where it has none, so that what a write leaves alone is known to be the same. */
function withoutNulls(value: Json): Json {
  if (!hasNulls(value)) return value;
  if (isList(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept: [string, Json][] = [];
  for (const [name, field] of Object.entries(value)) {
    if (field !== null && field !== undefined) kept.push([name, withoutNulls(field)]);
  }
  return Object.fromEntries(kept);
}

/** In a field, at any depth; among the items of a list they stay. */
function hasNulls(value: Json): boolean {
  if (isList(value)) return value.some(hasNulls);
  if (!isObject(value)) return false;
  for (const name in value) {
    const field = value[name];
    if (field === null || field === undefined || (typeof field === "object" && hasNulls(field))) return true;
  }
  return false;
}
