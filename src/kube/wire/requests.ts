import type { HttpRequest } from "../../ports/transport.ts";
import { MalformedError, readBoolean, readOptionalString, readString, readValue } from "../object.ts";
import type { Decode } from "../object.ts";
import { isJsonObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/** A change to an object, in one of the three languages that the API server understands. */
export type Patch =
  /** RFC 7396: `null` removes. */
  | { readonly type: "merge"; readonly body: JsonObject }
  /** Kubernetes' own, which knows the keys of lists. */
  | { readonly type: "strategic"; readonly body: JsonObject }
  /** RFC 6902: a failed `test` answers `invalid`. */
  | { readonly type: "json"; readonly body: readonly JsonObject[] };

/** How an object is to be deleted or a pod evicted. */
export interface DeleteOptions {
  /** Refused with `conflict` if the object of this name has another uid. */
  readonly uid?: string;
  /** Unless told, what the pod itself asks for. */
  readonly gracePeriodSeconds?: number;
}

/** How a pod is to be evicted. */
export interface EvictOptions extends DeleteOptions {
  /** Asks whether it would be allowed now, and evicts nothing. */
  readonly dryRun?: boolean;
}

/** What a Role would grant. An empty group is the core API. */
export interface Permission {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** A request in the client's words. */
export interface Unsent {
  readonly method: HttpRequest["method"];
  /** `undefined`: what it is about cannot exist (`objectPath`). */
  readonly path: string | undefined;
  /** Asks for metadata alone. */
  readonly metadataOnly?: boolean;
  readonly json?: Json;
  /** Unless told, the body is plain JSON. */
  readonly patch?: Patch["type"];
}

/** The request as it goes over the wire. */
export function httpRequest({ method, metadataOnly, json, patch }: Unsent, path: string): HttpRequest {
  const accept = metadataOnly === true ? metadataOfObject : plainJson;
  if (json === undefined) return { method, path, headers: { accept } };
  const type = patch === undefined ? plainJson : `application/${patchTypes[patch]}+json`;
  return { method, path, headers: { accept, "content-type": type }, body: goJson(json) };
}

/**
 * JSON as Go's encoder spells it. The API server compares the value of a JSON patch's `test` with its own spelling, so
 * that an `&` in an annotation would otherwise never equal itself.
 */
function goJson(json: Json): string {
  return JSON.stringify(json).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** For a page of a list, whose metadata-only form is another kind. */
export function listRequest(path: string, { metadataOnly }: { readonly metadataOnly?: boolean }): HttpRequest {
  return { method: "GET", path, headers: { accept: metadataOnly === true ? metadataOfList : plainJson } };
}

const plainJson = "application/json";
/** Second choice is the whole object, which has the metadata too. */
const metadataOfObject = `application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,${plainJson}`;
const metadataOfList = `application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,${plainJson}`;
const patchTypes = { merge: "merge-patch", strategic: "strategic-merge-patch", json: "json-patch" } as const;

/** The API object of the same name. */
export function deleteOptionsJson({ uid, gracePeriodSeconds }: DeleteOptions): JsonObject {
  return {
    ...(uid === undefined ? {} : { preconditions: { uid } }),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
  };
}

/** The body of an eviction, policy/v1. */
export function evictionJson(
  options: EvictOptions & { readonly name: string; readonly namespace?: string },
): JsonObject {
  const { name, namespace, dryRun = false } = options;
  const deleteOptions = { ...deleteOptionsJson(options), ...(dryRun ? { dryRun: ["All"] } : {}) };
  return { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace }, deleteOptions };
}

/** The body of a SelfSubjectAccessReview. */
export function accessReviewJson(permission: Permission): JsonObject {
  const spec = { resourceAttributes: { ...permission } };
  return { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec };
}

/** An answer about another object than was asked for is no answer. */
export function ofName<T>(name: string, decode: Decode<T>): Decode<T> {
  return (json) => {
    const found = isJsonObject(json) ? readValue(json, "metadata.name") : undefined;
    if (found !== name) throw new MalformedError("metadata.name", `"${name}"`, found ?? json);
    return decode(json);
  };
}

/** The answer to a deletion is a Status or the object in its last state; either means that it was accepted. */
export const accepted: Decode<undefined> = (json) => {
  if (!isJsonObject(json)) throw new MalformedError("", "an object", json);
  readString(json, "kind");
  return undefined;
};

/** The verdict of a SelfSubjectAccessReview. */
export const isAllowed: Decode<boolean> = (json) => {
  if (!isJsonObject(json) || readValue(json, "status.allowed") === undefined) {
    throw new MalformedError("status.allowed", "true or false", isJsonObject(json) ? readValue(json, "status") : json);
  }
  return readBoolean(json, "status.allowed");
};

/** One page of a list, each item decoded. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  /** The token for the next page; `undefined` on the last. */
  readonly next: string | undefined;
}

/** Decodes one page of a list; one item of a wrong shape spoils the page. */
export function pageOf<T>(decode: Decode<T>): Decode<Page<T>> {
  return (json) => {
    const items = isJsonObject(json) ? readValue(json, "items") : undefined;
    if (!isJsonObject(json) || (items !== undefined && !Array.isArray(items))) {
      throw new MalformedError("items", "a list", items ?? json);
    }
    const next = readOptionalString(json, "metadata.continue");
    return {
      items: (items ?? []).map((item: Json) => decode(item)),
      resourceVersion: readString(json, "metadata.resourceVersion"),
      next: next === "" ? undefined : next,
    };
  };
}
