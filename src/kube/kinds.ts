/** The kinds of objects that kured talks about, by the name that the API server uses in paths. */
export type Kind = keyof typeof kinds;

const kinds = {
  nodes: { group: "/api/v1", namespaced: false },
  namespaces: { group: "/api/v1", namespaced: false },
  pods: { group: "/api/v1", namespaced: true },
  events: { group: "/api/v1", namespaced: true },
  replicasets: { group: "/apis/apps/v1", namespaced: true },
  statefulsets: { group: "/apis/apps/v1", namespaced: true },
  replicationcontrollers: { group: "/api/v1", namespaced: true },
  daemonsets: { group: "/apis/apps/v1", namespaced: true },
  leases: { group: "/apis/coordination.k8s.io/v1", namespaced: true },
  persistentvolumes: { group: "/api/v1", namespaced: false },
  persistentvolumeclaims: { group: "/api/v1", namespaced: true },
  poddisruptionbudgets: { group: "/apis/policy/v1", namespaced: true },
  volumeattachments: { group: "/apis/storage.k8s.io/v1", namespaced: false },
  selfsubjectaccessreviews: { group: "/apis/authorization.k8s.io/v1", namespaced: false },
} as const;

/** What narrows a list or a watch. Selectors are in Kubernetes' own grammar, not encoded. */
export interface Selection {
  /** Of a namespaced kind; absent means all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Which object, or which part of it, such as `eviction`. */
export interface ObjectAddress {
  readonly name: string;
  /** Of a namespaced kind. */
  readonly namespace?: string;
  readonly subresource?: string;
}

/** Path and query of a collection, percent-encoded; parameters without a value are left out. */
export function collectionPath(
  kind: Kind,
  { namespace, labelSelector, fieldSelector }: Selection,
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const { group, namespaced } = kinds[kind];
  const within = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${group}${within}/${kind}${queryOf({ labelSelector, fieldSelector, ...query })}`;
}

/**
 * Path of one object or of its subresource, percent-encoded. `undefined` where no such object can exist, because
 * Kubernetes allows no such name: names come from annotations too, and an empty one would address the collection.
 */
export function objectPath(kind: Kind, { namespace, name, subresource }: ObjectAddress): string | undefined {
  const selection = namespace === undefined ? {} : { namespace };
  if (!canBeName(name) || (kinds[kind].namespaced && !canBeName(namespace ?? ""))) return undefined;
  const path = `${collectionPath(kind, selection)}/${encodeURIComponent(name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** The rule for path segments that holds for every kind; the API server knows the finer ones. */
function canBeName(name: string): boolean {
  return /^[^/%]{1,253}$/.test(name) && name !== "." && name !== "..";
}

function queryOf(parameters: Readonly<Record<string, string | undefined>>): string {
  const query = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return query.length === 0 ? "" : `?${query.join("&")}`;
}
