import { findResource, resources } from "./objects/resources.ts";
import type { Resource } from "./objects/resources.ts";

/** What a path means, before anyone asks whether it may be used. */
export type Route =
  /** A collection, an object or its subresource. */
  | {
      readonly kind: "resource";
      readonly resource: Resource;
      readonly namespace: string;
      readonly name: string;
      readonly subresource: string;
    }
  /** Everything else: discovery, health, version, and what is not there at all. */
  | { readonly kind: "path"; readonly path: string };

/** Takes a path without its query apart; a segment that is no valid percent-encoding stays as it is. */
export function routeOf(path: string): Route {
  const [root, ...segments] = path.split("/").slice(1).map(decoded);
  const resource =
    root === "api"
      ? inGroup("", segments)
      : root === "apis"
        ? inGroup(segments[0] ?? "", segments.slice(1))
        : undefined;
  return resource ?? { kind: "path", path };
}

/** Whether a path is below an API that is served, so that even what is not there is answered by it. */
export function isBelowServedApi(path: string): boolean {
  const group = /^\/apis\/([^/]+)\//.exec(path)?.[1];
  return /^\/api\/./.test(path) || resources.some((resource) => resource.group !== "" && resource.group === group);
}

function inGroup(group: string, [version = "", ...segments]: readonly string[]): Route | undefined {
  const namespaced = segments[0] === "namespaces" && segments.length > 2 && !isOfNamespaces(segments[2]);
  const namespace = namespaced ? (segments[1] ?? "") : "";
  const [plural = "", name = "", subresource = "", ...rest] = namespaced ? segments.slice(2) : segments;
  const resource = findResource(group, { version, plural });
  if (resource === undefined || rest.length > 0 || !isSubresource(resource, subresource)) return undefined;
  const placed = resource.namespaced ? namespaced || name === "" : !namespaced;
  return placed ? { kind: "resource", resource, namespace, name, subresource } : undefined;
}

/** `/api/v1/namespaces/x/status` is about the namespace itself. */
function isOfNamespaces(segment: string | undefined): boolean {
  return segment === "status" || segment === "finalize";
}

function isSubresource(resource: Resource, subresource: string): boolean {
  if (subresource === "") return true;
  if (subresource === "eviction" || subresource === "binding") return resource.plural === "pods";
  return subresource === "status" && resource.hasStatus;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
