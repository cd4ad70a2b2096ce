import { idlePod, namespace as namespaceObject, type PodSpec, type WorkloadObject } from "./objects.ts";
import type { KubeObject } from "./resources.ts";

export interface InstallationOptions {
  /** Of the DaemonSet, its account and its roles; `kured` unless given. */
  readonly name?: string;
  /** `kube-system` unless given. */
  readonly namespace?: string;
  /** Of the DaemonSet, such as a lock from before. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Nodes on which it runs; everywhere unless given. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly pod?: Partial<PodSpec>;
}

/**
 * What kured 1.23's manifest installs, with its rights and not one more. The pods run on fake nodes, where they do
 * nothing: the process that acts for one is started by `daemon.ts` with a token bound to that pod.
 */
export function kuredInstallation(options: InstallationOptions = {}): readonly KubeObject[] {
  const { name = "kured", namespace = "kube-system" } = options;
  const account = { kind: "ServiceAccount", name, namespace };
  return [
    ...(BUILT_IN_NAMESPACES.includes(namespace) ? [] : [namespaceObject(namespace)]),
    object("v1", "ServiceAccount", { name, namespace }, {}),
    object(RBAC, "ClusterRole", { name }, { rules: CLUSTER_RULES }),
    object(RBAC, "ClusterRoleBinding", { name }, binding("ClusterRole", name, account)),
    object(RBAC, "Role", { name, namespace }, { rules: ownDaemonSetRules(name) }),
    object(RBAC, "RoleBinding", { name, namespace }, binding("Role", name, account)),
    kuredDaemonSet(options),
  ];
}

/** The DaemonSet alone. */
export function kuredDaemonSet(options: InstallationOptions = {}): WorkloadObject {
  const { name = "kured", namespace = "kube-system", annotations = {}, nodeSelector } = options;
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace, annotations },
    spec: {
      selector: { matchLabels: { name } },
      updateStrategy: { type: "RollingUpdate" },
      template: {
        metadata: { labels: { name } },
        spec: {
          ...idlePod(),
          serviceAccountName: name,
          tolerations: [
            { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" },
            { key: "node-role.kubernetes.io/master", effect: "NoSchedule" },
          ],
          ...(nodeSelector === undefined ? {} : { nodeSelector }),
          ...options.pod,
        },
      },
    },
  };
}

const BUILT_IN_NAMESPACES = ["kube-system", "default"];
const RBAC = "rbac.authorization.k8s.io/v1";

const CLUSTER_RULES = [
  { apiGroups: [""], resources: ["nodes"], verbs: ["get", "patch"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["list", "delete", "get"] },
  { apiGroups: ["apps"], resources: ["daemonsets"], verbs: ["get"] },
  { apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] },
];

function ownDaemonSetRules(name: string): readonly object[] {
  return [{ apiGroups: ["apps"], resources: ["daemonsets"], resourceNames: [name], verbs: ["update"] }];
}

function binding(kind: "ClusterRole" | "Role", name: string, subject: object): object {
  return { roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name }, subjects: [subject] };
}

function object(apiVersion: string, kind: string, metadata: KubeObject["metadata"], content: object): KubeObject {
  return { apiVersion, kind, metadata, ...content };
}
