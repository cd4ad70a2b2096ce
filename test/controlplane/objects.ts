import type { KubeObject, Metadata } from "./resources.ts";

export interface NodeObject extends KubeObject {
  readonly kind: "Node";
  readonly spec?: {
    readonly unschedulable?: boolean;
    readonly taints?: readonly Taint[];
    readonly providerID?: string;
  };
  readonly status?: {
    readonly nodeInfo?: Readonly<Record<string, string>>;
    readonly conditions?: readonly Condition[];
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly capacity?: Readonly<Record<string, string>>;
  };
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
}

export interface PodObject extends KubeObject {
  readonly kind: "Pod";
  readonly spec: PodSpec;
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] };
}

/** What the suites set or look at. */
export interface PodSpec {
  readonly nodeName?: string;
  readonly serviceAccountName?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly affinity?: Readonly<Record<string, unknown>>;
  readonly terminationGracePeriodSeconds?: number;
  readonly priorityClassName?: string;
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
  readonly tolerations?: readonly Readonly<Record<string, unknown>>[];
  readonly topologySpreadConstraints?: readonly Readonly<Record<string, unknown>>[];
  readonly containers: readonly Readonly<Record<string, unknown>>[];
}

/** A Deployment, StatefulSet, DaemonSet or budget: the spec is the builder's matter. */
export interface WorkloadObject extends KubeObject {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface FakeNodeOptions {
  readonly name?: string;
  readonly zone?: string;
  /** `control-plane` sets the label that marks one, without its taint. */
  readonly role?: "worker" | "control-plane";
  readonly os?: "linux" | "windows";
  /** Kernel boot ID that the Node reports. */
  readonly bootId?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
  readonly podCapacity?: number;
}

/** The annotation by which kwok takes a Node for one of its own. */
export const FAKE_NODE_ANNOTATION = "kwok.x-k8s.io/node";

/** A Node that kwok keeps Ready, with room for 110 small pods. */
export function fakeNode(options: FakeNodeOptions = {}): NodeObject {
  const { name = "n1", zone = "zone-a", role = "worker", os = "linux", podCapacity = 110 } = options;
  const resources = { cpu: "32", memory: "64Gi", pods: String(podCapacity), "ephemeral-storage": "100Gi" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: { [FAKE_NODE_ANNOTATION]: "fake", ...options.annotations },
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": os,
        "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/zone": zone,
        [`node-role.kubernetes.io/${role}`]: "",
        ...options.labels,
      },
    },
    spec: {
      ...(options.taints === undefined ? {} : { taints: options.taints }),
      ...(options.unschedulable === true ? { unschedulable: true } : {}),
    },
    status: {
      allocatable: resources,
      capacity: resources,
      nodeInfo: { ...EMPTY_NODE_INFO, operatingSystem: os, bootID: options.bootId ?? `boot-1-of-${name}` },
    },
  };
}

/** The API refuses a nodeInfo with a part missing. */
const EMPTY_NODE_INFO = {
  architecture: "amd64",
  bootID: "",
  containerRuntimeVersion: "fake",
  kernelVersion: "fake",
  kubeProxyVersion: "",
  kubeletVersion: "fake",
  machineID: "",
  operatingSystem: "linux",
  osImage: "fake",
  systemUUID: "",
} as const;

export interface WorkloadOptions {
  readonly name?: string;
  readonly namespace?: string;
  readonly replicas?: number;
  /** Of the pods, beside `app: <name>`. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Merged over the pods' spec. */
  readonly pod?: Partial<PodSpec>;
  /** At most one pod more on one node than on another, even if a pod has to wait; false unless given. */
  readonly spread?: boolean;
}

/** A Deployment of pods that do nothing. */
export function deployment(options: WorkloadOptions = {}): WorkloadObject {
  return workload("Deployment", options);
}

export function statefulSet(options: WorkloadOptions = {}): WorkloadObject {
  const { spec, ...rest } = workload("StatefulSet", options);
  return { ...rest, spec: { ...spec, serviceName: rest.metadata.name } };
}

export interface BudgetOptions {
  readonly name?: string;
  readonly namespace?: string;
  /** Labels of the pods that it protects; `app: <name>` unless given, as `deployment` makes them. */
  readonly matchLabels?: Readonly<Record<string, string>>;
  /** One of the two; `minAvailable: 1` when neither is given. */
  readonly minAvailable?: number | string;
  readonly maxUnavailable?: number | string;
}

export function disruptionBudget(options: BudgetOptions = {}): WorkloadObject {
  const { name = "web", namespace = "default", matchLabels = { app: name }, minAvailable, maxUnavailable } = options;
  const limit = maxUnavailable === undefined ? { minAvailable: minAvailable ?? 1 } : { maxUnavailable };
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name, namespace },
    spec: { selector: { matchLabels }, ...limit },
  };
}

export interface PodOptions {
  readonly name?: string;
  readonly namespace?: string;
  /** Bound to this node from the start, without the scheduler; scheduled unless given. */
  readonly node?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly metadata?: Partial<Metadata>;
  readonly pod?: Partial<PodSpec>;
}

/** A pod that belongs to nothing. */
export function pod(options: PodOptions = {}): PodObject {
  const { name = "lonely", namespace = "default", node, labels = {} } = options;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels, ...options.metadata },
    spec: { ...idlePod(options.pod), ...(node === undefined ? {} : { nodeName: node }) },
  };
}

export function namespace(name: string): KubeObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

/** The spec of a pod that asks for nothing and does nothing. */
export function idlePod(parts: Partial<PodSpec> = {}): PodSpec {
  return {
    containers: [{ name: "idle", image: "registry.k8s.io/pause:3.10" }],
    terminationGracePeriodSeconds: 1,
    ...parts,
  };
}

function workload(kind: "Deployment" | "StatefulSet", options: WorkloadOptions): WorkloadObject {
  const { name = "web", namespace = "default", replicas = 2, annotations = {}, spread = false } = options;
  const labels = { app: name, ...options.labels };
  const evenly = {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "DoNotSchedule",
    labelSelector: { matchLabels: { app: name } },
  };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels, annotations },
        spec: idlePod({ ...(spread ? { topologySpreadConstraints: [evenly] } : {}), ...options.pod }),
      },
    },
  };
}
