import type { KubeObject } from "./objects/object.ts";
import { failure, forbidden } from "./status.ts";

/** Who asks, as authentication found out. `extra` holds claims such as `authentication.kubernetes.io/node-name`. */
export interface User {
  readonly name: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What is asked for, in RBAC's words. Paths outside the API have `path` and everything else empty. */
export interface AccessAttributes {
  readonly user: User;
  /** Lower case; the HTTP method for paths outside the API. */
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** Empty for collections; a list or watch by `metadata.name=x` has that name. */
  readonly name: string;
  /** Empty for objects without one and for all namespaces. */
  readonly namespace: string;
  /** Empty for resources. */
  readonly path: string;
}

/** Says whether a user may do something; false answers 403. */
export type Authorizer = (attributes: AccessAttributes) => boolean;

/** A write that is about to happen, in the shape that admission policies see. */
export interface AdmissionReview extends Omit<AccessAttributes, "path" | "verb"> {
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  readonly dryRun: boolean;
  /** As it would be stored; missing when it is deleted. An eviction is a CREATE of an Eviction. */
  readonly object?: KubeObject;
  /** As it is stored; missing when it is created. */
  readonly oldObject?: KubeObject;
}

/** Answers why a write must not happen, or `undefined`. */
export type Admission = (review: AdmissionReview) => Denial | undefined;

/** Why admission refuses a write, and as what answer. */
export interface Denial {
  /** Follows `nodes "n1" is forbidden: `. */
  readonly message: string;
  /** A validating policy's default is `Invalid` with 422. */
  readonly reason?: string;
  readonly code?: number;
}

/** 403 in the words of the real server. */
export function accessDenied(attributes: AccessAttributes): Error {
  const { user, verb, group, resource, subresource, name, namespace, path } = attributes;
  if (path !== "")
    return failure(403, "Forbidden", {
      message: `forbidden: User "${user.name}" cannot ${verb} path "${path}"`,
      details: {},
    });
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace "${namespace}"`;
  return forbidden(
    { group, plural: resource },
    { name, because: `User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${where}` },
  );
}
