import type { Json } from "../../../../sim/apiserver/objects/json.ts";

/** Paths and bodies of the objects that the cases are about, all in the namespace of the case or named after it. */
export const paths = {
  nodes: "/api/v1/nodes",
  pods: "/api/v1/namespaces/$(ns)/pods",
  configmaps: "/api/v1/namespaces/$(ns)/configmaps",
  events: "/api/v1/namespaces/$(ns)/events",
  laterEvents: "/apis/events.k8s.io/v1/namespaces/$(ns)/events",
  leases: "/apis/coordination.k8s.io/v1/namespaces/$(ns)/leases",
  budgets: "/apis/policy/v1/namespaces/$(ns)/poddisruptionbudgets",
  daemonsets: "/apis/apps/v1/namespaces/$(ns)/daemonsets",
} as const;

/** The path of the node `x` of the case; `part` is such as `/status`. */
export function nodePath(name: string, part = ""): string {
  return `${paths.nodes}/$(ns)-${name}${part}`;
}

/** A Node named after the case, with the case's label. */
export function node(
  name: string,
  {
    labels = {},
    annotations,
    spec,
  }: { readonly labels?: Fields; readonly annotations?: Fields; readonly spec?: Fields } = {},
): Json {
  return {
    kind: "Node",
    apiVersion: "v1",
    metadata: { name: `$(ns)-${name}`, labels: { case: "$(ns)", ...labels }, ...(annotations && { annotations }) },
    ...(spec && { spec }),
  };
}

type Fields = { readonly [name: string]: Json };

/** A Pod of one container that stands on a node from the start, unless told that it waits. */
export function pod(
  name: string,
  {
    labels = {},
    spec = {},
    waits = false,
    metadata = {},
  }: { readonly labels?: Fields; readonly spec?: Fields; readonly metadata?: Fields; readonly waits?: boolean } = {},
): Json {
  return {
    kind: "Pod",
    apiVersion: "v1",
    metadata: { name, labels: { app: "web", ...labels }, ...metadata },
    spec: {
      ...(!waits && { nodeName: "$(ns)-n" }),
      automountServiceAccountToken: false,
      containers: [{ name: "c", image: "registry.example/pause:3" }],
      ...spec,
    },
  };
}

/** What a kubelet says of a pod. */
export function podStatus({
  phase = "Running",
  ready = true,
}: { readonly phase?: string; readonly ready?: boolean } = {}): Json {
  return { status: { phase, conditions: [{ type: "Ready", status: ready ? "True" : "False" }] } };
}

export function configMap(name: string, more: Fields = {}): Json {
  return { kind: "ConfigMap", apiVersion: "v1", metadata: { name, ...more }, data: { a: "1" } };
}

export function budget(name: string, spec: Fields = {}): Json {
  return {
    kind: "PodDisruptionBudget",
    apiVersion: "policy/v1",
    metadata: { name },
    spec: { minAvailable: 1, selector: { matchLabels: { app: "web" } }, ...spec },
  };
}

/** What the disruption controller says of a budget. */
export function budgetStatus(fields: Fields): Json {
  return {
    status: {
      observedGeneration: 1,
      currentHealthy: 2,
      desiredHealthy: 1,
      expectedPods: 2,
      disruptionsAllowed: 1,
      ...fields,
    },
  };
}

export function eviction(name: string, deleteOptions?: Json): Json {
  return {
    kind: "Eviction",
    apiVersion: "policy/v1",
    metadata: { name, namespace: "$(ns)" },
    ...(deleteOptions !== undefined && { deleteOptions }),
  };
}

export function lease(name: string, spec: Fields = {}): Json {
  return {
    kind: "Lease",
    apiVersion: "coordination.k8s.io/v1",
    metadata: { name, namespace: "$(ns)" },
    spec: { holderIdentity: "one", leaseDurationSeconds: 15, renewTime: "2020-01-01T00:00:00.000000Z", ...spec },
  };
}
