/** Release of Kubernetes that the suites run against unless told otherwise; its libraries are `v0.` + minor + patch. */
export const KUBERNETES_VERSION = "v1.37.1";

const ETCD_VERSION = "v3.6.9";
const KWOK_VERSION = "v0.7.0";
const HELM_VERSION = "v4.3.1";
/** kubelet 1.37 asks its runtime for what only containerd 2 and newer answer. */
const CONTAINERD_VERSION = "v2.2.9";

/** In the order in which they are built: what starts first comes first, kubectl (only compared with) last. */
export const PROGRAMS = [
  "etcd",
  "kwok",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
] as const;

export type Program = (typeof PROGRAMS)[number];

/** What a node runs beside what its distribution has, see test/nodes. */
export const NODE_PROGRAMS = ["kubelet", "containerd", "containerd-shim-runc-v2", "ctr"] as const;

export type NodeProgram = (typeof NODE_PROGRAMS)[number];

/** What is built from Go modules: the control plane, helm for the tests of the chart, and what real nodes run. */
export type BuiltProgram = Program | NodeProgram | "helm";

/** Where a program's source is and which release of it is pinned, given the release of Kubernetes. */
export function releaseOf(program: BuiltProgram, { kubernetes }: { readonly kubernetes: string }): Release {
  switch (program) {
    case "etcd":
      return { project: "etcd", version: ETCD_VERSION };
    case "kwok":
      return { project: "kwok", version: KWOK_VERSION };
    case "helm":
      return { project: "helm", version: HELM_VERSION };
    case "containerd":
    case "containerd-shim-runc-v2":
    case "ctr":
      return { project: "containerd", version: CONTAINERD_VERSION };
    default:
      return { project: "kubernetes", version: kubernetes };
  }
}

export interface Release {
  readonly project: "etcd" | "kwok" | "helm" | "containerd" | "kubernetes";
  /** With the leading `v`. */
  readonly version: string;
}
