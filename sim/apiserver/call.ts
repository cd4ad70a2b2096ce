import type { Random } from "../../src/ports/random.ts";
import type { Admission, User } from "./access.ts";
import type { Json } from "./objects/json.ts";
import type { Resource } from "./objects/resources.ts";
import type { Store } from "./store/store.ts";

/** One understood and allowed request on a resource. */
export interface Call {
  readonly user: User;
  readonly resource: Resource;
  readonly verb: ResourceVerb;
  /** Empty for objects without one and for lists of all namespaces. */
  readonly namespace: string;
  /** Empty for collections. */
  readonly name: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether everything but the write is to happen. */
  readonly dryRun: boolean;
}

/** The verbs of RBAC that this server can do. */
export type ResourceVerb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete";

/** What the verbs work with. */
export interface Backend {
  readonly store: Store;
  readonly random: Random;
  readonly nowMs: () => number;
  readonly admission: Admission;
}

/** What a verb hands back; the server adds headers and writes it down. */
export interface Outcome {
  readonly code: number;
  readonly body: Json;
}
