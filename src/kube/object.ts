import { excerptOf, isJsonObject } from "./wire/json.ts";
import type { Json, JsonObject } from "./wire/json.ts";

/**
 * Turns JSON from the API server into what the caller works with. Throws a `MalformedError` when the shape is not
 * the one needed; the client makes that the answer `malformed`.
 */
export type Decode<T> = (json: Json) => T;

/** What every object has. `raw` is the object as it came, so that it can be written back without losing fields. */
export interface KubeObject {
  readonly name: string;
  /** Absent for what belongs to the cluster, such as Nodes. */
  readonly namespace: string | undefined;
  readonly uid: string;
  /** Opaque; only to be sent back or compared for equality. */
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339, by the API server's clock; the deadline of a graceful deletion, not its beginning. */
  readonly deletionTimestamp: string | undefined;
  readonly raw: JsonObject;
}

/** For callers that need no more than the metadata; all of it but the namespace and the deletion must be there. */
export const decodeObject: Decode<KubeObject> = (json) => {
  if (!isJsonObject(json)) throw new MalformedError("", "an object", json);
  return {
    name: readString(json, "metadata.name"),
    namespace: readOptionalString(json, "metadata.namespace"),
    uid: readString(json, "metadata.uid"),
    resourceVersion: readString(json, "metadata.resourceVersion"),
    labels: readStringMap(json, "metadata.labels"),
    annotations: readStringMap(json, "metadata.annotations"),
    deletionTimestamp: readOptionalString(json, "metadata.deletionTimestamp"),
    raw: json,
  };
};

/** JSON is not of the shape that was needed; the message names the place, the expectation and the offending value. */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
  readonly path: string;
  readonly excerpt: string;
  constructor(path: string, expected: string, found: Json | undefined) {
    const excerpt = excerptOf(found);
    super(`${path === "" ? "the answer" : path} should be ${expected}, but is ${excerpt}`);
    this.path = path;
    this.excerpt = excerpt;
  }
}

/** The value at a path of field names parted by dots; `undefined` where it is absent, null or below a non-object. */
export function readValue(object: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = object;
  for (const field of path.split(".")) {
    value = isJsonObject(value) && Object.hasOwn(value, field) ? value[field] : undefined;
  }
  return value ?? undefined;
}

/** A text that must be there and not be empty. */
export function readString(object: JsonObject, path: string): string {
  const value = readValue(object, path);
  if (typeof value !== "string" || value === "") throw new MalformedError(path, "a text", value);
  return value;
}

/** `undefined` where the field is absent; any other type than text throws. */
export function readOptionalString(object: JsonObject, path: string): string | undefined {
  const value = readValue(object, path);
  if (value !== undefined && typeof value !== "string") throw new MalformedError(path, "a text", value);
  return value;
}

/** False where the field is absent, as Kubernetes omits false. */
export function readBoolean(object: JsonObject, path: string): boolean {
  const value = readValue(object, path);
  if (value !== undefined && typeof value !== "boolean") throw new MalformedError(path, "true or false", value);
  return value ?? false;
}

/** `undefined` where the field is absent. */
export function readOptionalInteger(object: JsonObject, path: string): number | undefined {
  const value = readValue(object, path);
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value))
    throw new MalformedError(path, "a whole number", value);
  return value;
}

/** Empty where the field is absent, as Kubernetes omits empty objects. */
export function readObject(object: JsonObject, path: string): JsonObject {
  const value = readValue(object, path) ?? {};
  if (!isJsonObject(value)) throw new MalformedError(path, "an object", value);
  return value;
}

/** Empty where the field is absent, as Kubernetes omits empty lists. */
export function readObjects(object: JsonObject, path: string): readonly JsonObject[] {
  const value = readValue(object, path) ?? [];
  if (!Array.isArray(value)) throw new MalformedError(path, "a list", value);
  return value.map((item: Json) => {
    if (!isJsonObject(item)) throw new MalformedError(path, "a list of objects", item);
    return item;
  });
}

/** Labels, annotations and the like; empty where absent. */
export function readStringMap(object: JsonObject, path: string): Readonly<Record<string, string>> {
  const map = readObject(object, path);
  if (isStringMap(map)) return map;
  throw new MalformedError(path, "an object of texts", map);
}

function isStringMap(map: JsonObject): map is Readonly<Record<string, string>> {
  return Object.values(map).every((value) => typeof value === "string");
}
