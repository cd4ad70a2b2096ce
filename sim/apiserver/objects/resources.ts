/** One kind of object that the server keeps, and how it differs from the others. */
export interface Resource {
  /** Empty for the core API. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly shortName: string;
  readonly namespaced: boolean;
  /** Has `/status`, and ignores what other requests say about the status. */
  readonly hasStatus: boolean;
  /** Counts changes of its spec in `metadata.generation`. */
  readonly hasGeneration: boolean;
  /** Loses its status on creation, because only a controller may write it. */
  readonly dropsStatusOnCreate: boolean;
  /** A PUT may leave out the resourceVersion. */
  readonly unconditionalUpdate: boolean;
  /** A PUT of a missing object creates it. */
  readonly createOnUpdate: boolean;
  /** Where its objects are kept: the two event APIs show the same ones. */
  readonly stored: string;
}

/** Everything that this server serves (design §3, kured's RBAC and ours). */
export const resources: readonly Resource[] = [
  resource("", "nodes", { kind: "Node", shortName: "no", namespaced: false, hasStatus: true }),
  resource("", "pods", {
    kind: "Pod",
    shortName: "po",
    hasStatus: true,
    hasGeneration: true,
    dropsStatusOnCreate: true,
  }),
  resource("", "namespaces", { kind: "Namespace", shortName: "ns", namespaced: false, hasStatus: true }),
  resource("", "configmaps", { kind: "ConfigMap", shortName: "cm" }),
  resource("", "serviceaccounts", { kind: "ServiceAccount", shortName: "sa" }),
  resource("", "events", { kind: "Event", shortName: "ev", createOnUpdate: true }),
  resource("events.k8s.io", "events", { kind: "Event", shortName: "ev", createOnUpdate: true, stored: "events" }),
  resource("apps", "daemonsets", { kind: "DaemonSet", shortName: "ds", ...workload() }),
  resource("apps", "deployments", { kind: "Deployment", shortName: "deploy", ...workload() }),
  resource("apps", "replicasets", { kind: "ReplicaSet", shortName: "rs", ...workload() }),
  resource("policy", "poddisruptionbudgets", {
    kind: "PodDisruptionBudget",
    shortName: "pdb",
    ...workload(),
    unconditionalUpdate: false,
  }),
  resource("coordination.k8s.io", "leases", { kind: "Lease", unconditionalUpdate: false, createOnUpdate: true }),
];

/** The resource of a path, or `undefined` when this server knows none such. */
export function findResource(
  group: string,
  options: { readonly version: string; readonly plural: string },
): Resource | undefined {
  return resources.find(
    (known) => known.group === group && known.version === options.version && known.plural === options.plural,
  );
}

/** `v1` or `apps/v1`, as objects write it. */
export function apiVersionOf({ group, version }: Pick<Resource, "group" | "version">): string {
  return group === "" ? version : `${group}/${version}`;
}

/** Whose rules an object breaks, as messages say it: those of Events are the core API's, whichever was asked. */
export function blamed({ group, kind, stored }: Resource): { readonly group: string; readonly kind: string } {
  return { group: stored === "events" ? "" : group, kind };
}

/** What objects with a controller of their own have in common. */
function workload(): Partial<Resource> {
  return { hasStatus: true, hasGeneration: true, dropsStatusOnCreate: true };
}

function resource(group: string, plural: string, options: Partial<Resource> & { readonly kind: string }): Resource {
  return {
    group,
    plural,
    version: "v1",
    shortName: "",
    namespaced: true,
    hasStatus: false,
    hasGeneration: false,
    dropsStatusOnCreate: false,
    unconditionalUpdate: true,
    createOnUpdate: false,
    stored: group === "" ? plural : `${plural}.${group}`,
    ...options,
  };
}
