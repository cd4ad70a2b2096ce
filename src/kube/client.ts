import type { Clock } from "../ports/clock.ts";
import type { Transport } from "../ports/transport.ts";
import type { Answer } from "./answers.ts";
import { collectionPath, objectPath } from "./kinds.ts";
import type { Kind, Selection } from "./kinds.ts";
import type { Decode } from "./object.ts";
import { exchange } from "./wire/exchange.ts";
import type { JsonObject } from "./wire/json.ts";
import { listPages } from "./wire/paging.ts";
import {
  accepted,
  accessReviewJson,
  deleteOptionsJson,
  evictionJson,
  httpRequest,
  isAllowed,
  listRequest,
  ofName,
  pageOf,
} from "./wire/requests.ts";
import type { DeleteOptions, EvictOptions, Patch, Permission, Unsent } from "./wire/requests.ts";
import { openWatch } from "./wire/watch-stream.ts";
import type { WatchEvent } from "./wire/watch-stream.ts";

/**
 * The API server, one method per verb. Every call resolves with an `Answer` and rejects only with `signal.reason`.
 * Nothing is retried here: whether a repetition is right depends on what was asked, which only the caller knows.
 */
export interface KubeClient {
  get<T>(kind: Kind, options: Named & Decoding<T>): Promise<Answer<T>>;
  /** Reads page after page. A continue token that expires in between starts the list over. */
  list<T>(kind: Kind, options: ListOptions & Decoding<T>): Promise<Answer<Collection<T>>>;
  /** One watch, from its acceptance to its end; `watchCollection` is the endless one. */
  watch<T>(kind: Kind, options: WatchOptions & Decoding<T>): Promise<Answer<AsyncIterable<WatchEvent<T>>>>;
  create<T>(kind: Kind, options: Writing & { readonly namespace?: string } & Decoding<T>): Promise<Answer<T>>;
  /** PUT: with the resourceVersion that the object carries, a change in between is a `conflict`. */
  replace<T>(kind: Kind, options: Named & Writing & Decoding<T>): Promise<Answer<T>>;
  patch<T>(kind: Kind, options: Named & { readonly patch: Patch } & Decoding<T>): Promise<Answer<T>>;
  delete(kind: Kind, options: Named & DeleteOptions): Promise<Answer<undefined>>;
  /** policy/v1. `ok` means that the deletion was accepted, not that the pod has gone. */
  evict(options: Named & EvictOptions): Promise<Answer<undefined>>;
  /** Asks with a SelfSubjectAccessReview whether we may do something. */
  can(permission: Permission, options: CallOptions): Promise<Answer<boolean>>;
}

/** What the client stands on. */
export interface KubeClientParts {
  readonly transport: Transport;
  readonly clock: Clock;
  /** For each single request, its whole answer included; a page of a list is one request. */
  readonly requestTimeoutMs: number;
  /**
   * Largest answer that is collected, decompressed. Unless told 4 MiB for one object and 64 MiB for a page of a list.
   */
  readonly maxBodyBytes?: number;
}

/** Of every call. */
export interface CallOptions {
  readonly signal: AbortSignal;
  /** Instead of the client's own, for this call. */
  readonly timeoutMs?: number;
}

/** Of calls that answer objects. */
export interface Decoding<T> extends CallOptions {
  readonly decode: Decode<T>;
  /** Asks for `PartialObjectMetadata`: the object's metadata and nothing else. */
  readonly metadataOnly?: boolean;
}

/** Of calls about one object. A name that Kubernetes does not allow answers `gone` without a request. */
export interface Named extends CallOptions {
  readonly name: string;
  /** Of namespaced kinds. */
  readonly namespace?: string;
}

/** Of calls that send an object. */
export interface Writing {
  /** The whole object with its apiVersion and kind. */
  readonly object: JsonObject;
}

/** What to list and how. */
export interface ListOptions extends Selection {
  /** Objects per request; 500 unless told. */
  readonly pageSize?: number;
  /** "0" for what the API server has in its cache, which is cheap and may be old; unless told, the newest. */
  readonly resourceVersion?: string;
}

/** A whole list. */
export interface Collection<T> {
  readonly items: readonly T[];
  /** Of the whole collection; a watch may start from it. */
  readonly resourceVersion: string;
}

/** What to watch and for how long. */
export interface WatchOptions extends Selection {
  readonly resourceVersion: string;
  /** After this long the server ends the watch by itself. */
  readonly timeoutSeconds: number;
  /** After this long without an event or a bookmark the connection counts as half-open. */
  readonly idleMs: number;
  /** One event may be this long; 4 MiB unless told. */
  readonly maxLineBytes?: number;
}

/** The client; it keeps no state and no timers between calls. */
export function kubeClient(parts: KubeClientParts): KubeClient {
  const { transport, clock, requestTimeoutMs } = parts;

  const wire = ({ signal, timeoutMs = requestTimeoutMs }: CallOptions, maxBytes = maxObjectBytes) => {
    return { transport, clock, signal, timeoutMs, maxBodyBytes: parts.maxBodyBytes ?? maxBytes };
  };
  const send = async <T>(request: Unsent, decode: Decode<T>, options: CallOptions): Promise<Answer<T>> => {
    const { path } = request;
    if (path === undefined) return { kind: "gone", message: "no object can have such a name" };
    return await exchange(httpRequest(request, path), decode, wire(options));
  };

  return {
    get: (kind, options) => {
      const request: Unsent = { method: "GET", path: objectPath(kind, options), ...only(options) };
      return send(request, ofName(options.name, options.decode), options);
    },
    list: (kind, options) => {
      const { pageSize = 500, resourceVersion, decode } = options;
      const query = { limit: String(pageSize), resourceVersion };
      const { maxBytes, maxObjects } = isOfOne(options) ? listOfOne : anyList;
      const readPage = (next: string | undefined) => {
        const path = collectionPath(kind, options, next === undefined ? query : { limit: query.limit, continue: next });
        return exchange(listRequest(path, options), pageOf(decode), wire(options, maxBytes));
      };
      return listPages(readPage, { maxObjects });
    },
    watch: async (kind, options) => {
      const { decode, resourceVersion, timeoutSeconds, idleMs, maxLineBytes = maxObjectBytes } = options;
      const query = {
        watch: "true",
        allowWatchBookmarks: "true",
        resourceVersion,
        timeoutSeconds: `${timeoutSeconds}`,
      };
      const path = collectionPath(kind, options, query);
      const request = httpRequest({ method: "GET", path, ...only(options) }, path);
      return await openWatch(request, decode, { ...wire(options), idleMs, maxLineBytes });
    },
    create: (kind, options) => {
      const { namespace, object, decode } = options;
      const path = collectionPath(kind, namespace === undefined ? {} : { namespace });
      return send({ method: "POST", path, json: object, ...only(options) }, decode, options);
    },
    replace: (kind, options) => {
      const { name, object, decode } = options;
      const request: Unsent = { method: "PUT", path: objectPath(kind, options), json: object, ...only(options) };
      return send(request, ofName(name, decode), options);
    },
    patch: (kind, options) => {
      const { name, decode, patch } = options;
      const body = { json: patch.body, patch: patch.type };
      const request: Unsent = { method: "PATCH", path: objectPath(kind, options), ...body, ...only(options) };
      return send(request, ofName(name, decode), options);
    },
    delete: (kind, options) => {
      const json = { apiVersion: "v1", kind: "DeleteOptions", ...deleteOptionsJson(options) };
      return send({ method: "DELETE", path: objectPath(kind, options), json }, accepted, options);
    },
    evict: (options) => {
      const path = objectPath("pods", { ...options, subresource: "eviction" });
      return send({ method: "POST", path, json: evictionJson(options) }, accepted, options);
    },
    can: (permission, options) => {
      const path = collectionPath("selfsubjectaccessreviews", {});
      return send({ method: "POST", path, json: accessReviewJson(permission) }, isAllowed, options);
    },
  };
}

const mebibyte = 1024 * 1024;
/** etcd takes 1.5 MiB; as JSON that may be more than twice as much. */
const maxObjectBytes = 4 * mebibyte;
/** Of each page, and of all pages together. The largest clusters have 150,000 pods. */
const anyList = { maxBytes: 64 * mebibyte, maxObjects: 250_000 };
/** What is larger would cost each node its memory, where it is an agent's view of its own Node. */
const listOfOne = { maxBytes: maxObjectBytes, maxObjects: 1_000 };

/** A collection of one at most; of one in each namespace where it asks for all of them. */
function isOfOne({ fieldSelector = "" }: Selection): boolean {
  return /^metadata\.name=[^,]*$/.test(fieldSelector);
}

function only({ metadataOnly = false }: { readonly metadataOnly?: boolean }): { readonly metadataOnly: boolean } {
  return { metadataOnly };
}
