import type { KubeObject, Metadata } from "../controlplane/resources.ts";

/** What the coordinator has besides where a drain may end with deletions, for one site. */
export function deletionRights(name: string): readonly KubeObject[] {
  return extraRights(name, { of: "deletions", rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["delete"] }] });
}

/** What the coordinator has besides where a drained node waits for its volumes, for one site. */
export function attachmentRights(name: string): readonly KubeObject[] {
  const rule = { apiGroups: ["storage.k8s.io"], resources: ["volumeattachments"], verbs: ["list"] };
  return extraRights(name, { of: "attachments", rules: [rule] });
}

/** What the coordinator has besides where something waits for the replicas of pods that went, for one site. */
export function replicaRights(name: string): readonly KubeObject[] {
  const rule = { apiGroups: ["apps"], resources: ["replicasets", "statefulsets"], verbs: ["get"] };
  return extraRights(name, { of: "replicas", rules: [rule] });
}

/** What the coordinator has besides where pods that could run nowhere else block, for one site. */
export function volumeRights(name: string): readonly KubeObject[] {
  const resources = ["persistentvolumes", "persistentvolumeclaims"];
  return extraRights(name, { of: "volumes", rules: [{ apiGroups: [""], resources, verbs: ["get"] }] });
}

function extraRights(
  name: string,
  { of, rules }: { readonly of: string; readonly rules: readonly object[] },
): readonly KubeObject[] {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const metadata = { name: `${name}-${of}` };
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: metadata.name };
  const subjects = [{ kind: "ServiceAccount", name: `${name}-coordinator`, namespace: name }];
  const role: KubeObject & { readonly rules: readonly object[] } = { apiVersion, kind: "ClusterRole", metadata, rules };
  const binding = { apiVersion, kind: "ClusterRoleBinding", metadata, roleRef, subjects };
  return [role, binding];
}

/** What the coordinated installation needs beyond kured's own rights, for one site. */
export function coordinatedRights(name: string): readonly KubeObject[] {
  const rbac = "rbac.authorization.k8s.io/v1";
  const group = "rbac.authorization.k8s.io";
  const coordinator = `${name}-coordinator`;
  const rule = (apiGroup: string, resources: readonly string[], verbs: readonly string[]) => ({
    apiGroups: [apiGroup],
    resources,
    verbs,
  });
  const make = (apiVersion: string, kind: string, metadata: Metadata, rest: object) => ({
    apiVersion,
    kind,
    metadata,
    ...rest,
  });
  const bind = (account: string) => ({
    roleRef: { apiGroup: group, kind: "ClusterRole", name: account },
    subjects: [{ kind: "ServiceAccount", name: account, namespace: name }],
  });
  return [
    make("v1", "ServiceAccount", { name: coordinator, namespace: name }, {}),
    make(
      rbac,
      "ClusterRole",
      { name: coordinator },
      {
        rules: [
          rule("", ["nodes"], ["get", "list", "watch", "patch"]),
          rule("", ["pods"], ["get", "list", "watch"]),
          rule("", ["pods/eviction"], ["create"]),
          rule("", ["events"], ["create"]),
          rule("apps", ["daemonsets"], ["get", "list", "watch", "update"]),
          rule("policy", ["poddisruptionbudgets"], ["get", "list", "watch"]),
          rule("coordination.k8s.io", ["leases"], ["get", "create", "update"]),
        ],
      },
    ),
    make(rbac, "ClusterRoleBinding", { name: coordinator }, bind(coordinator)),
    make(
      rbac,
      "ClusterRole",
      { name: `${name}-agent` },
      { rules: [rule("", ["nodes"], ["get", "list", "watch", "patch"])] },
    ),
    make(
      rbac,
      "ClusterRoleBinding",
      { name: `${name}-agent` },
      {
        roleRef: { apiGroup: group, kind: "ClusterRole", name: `${name}-agent` },
        subjects: [{ kind: "ServiceAccount", name, namespace: name }],
      },
    ),
  ];
}
