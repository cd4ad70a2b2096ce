import type { AccessAttributes } from "../../apiserver/access.ts";
import type { Role } from "../processes/container.ts";
import { installation } from "../installation.ts";

/** One rule of a role, in RBAC's words, and where it holds. */
export interface Grant {
  readonly group: string;
  /** With its part, as in `pods/eviction`. */
  readonly resource: string;
  readonly verbs: readonly string[];
  /** All objects unless given. */
  readonly name?: string;
  /** All namespaces unless given. */
  readonly namespace?: string;
}

const { namespace, daemonSet } = installation;

/** What `manifests/classic.yaml` grants: kured's own rights. */
const classic: readonly Grant[] = [
  { group: "", resource: "nodes", verbs: ["get", "patch"] },
  { group: "", resource: "pods", verbs: ["list", "delete", "get"] },
  { group: "apps", resource: "daemonsets", verbs: ["get"] },
  { group: "", resource: "pods/eviction", verbs: ["create"] },
  { group: "apps", resource: "daemonsets", verbs: ["update"], name: daemonSet, namespace },
];

/** What `manifests/coordinated.yaml` grants the agents' account. */
const agent: readonly Grant[] = [{ group: "", resource: "nodes", verbs: ["get", "list", "watch", "patch"] }];

/** And the coordinator's, before any option asks for more. */
const coordinator: readonly Grant[] = [
  { group: "", resource: "nodes", verbs: ["get", "list", "watch", "patch"] },
  { group: "", resource: "pods", verbs: ["get", "list", "watch"] },
  { group: "", resource: "pods/eviction", verbs: ["create"] },
  { group: "policy", resource: "poddisruptionbudgets", verbs: ["get", "list", "watch"] },
  { group: "apps", resource: "daemonsets", verbs: ["get"] },
  { group: "apps", resource: "daemonsets", verbs: ["get", "list", "watch", "update"], name: daemonSet, namespace },
  { group: "coordination.k8s.io", resource: "leases", verbs: ["create"], namespace },
  { group: "coordination.k8s.io", resource: "leases", verbs: ["get", "update"], name: "kured", namespace },
  { group: "", resource: "events", verbs: ["create"], namespace: "default" },
];

/** What the chart grants the coordinator because of an option. */
const byOption: readonly { readonly flag: RegExp; readonly grants: readonly Grant[] }[] = [
  {
    flag: /^--(?:drain-timeout-action=delete|drain-hard-end=.*[1-9].*)$/,
    grants: [{ group: "", resource: "pods", verbs: ["delete"] }],
  },
  {
    flag: /^--drain-feasibility=strict$/,
    grants: ["persistentvolumes", "persistentvolumeclaims"].map((kind) => ({
      group: "",
      resource: kind,
      verbs: ["get"],
    })),
  },
  {
    flag: /^--volume-detach-timeout=.*[1-9]/,
    grants: [{ group: "storage.k8s.io", resource: "volumeattachments", verbs: ["list"] }],
  },
  {
    flag: /^--ready-elsewhere=(?:reboot|next)$/,
    grants: [
      { group: "apps", resource: "replicasets", verbs: ["get"] },
      { group: "apps", resource: "statefulsets", verbs: ["get"] },
      { group: "", resource: "replicationcontrollers", verbs: ["get"] },
    ],
  },
];

/** What the chart grants the service account of one of kured's daemons that is given these flags. */
export function rightsOf(role: Role, flags: readonly string[]): readonly Grant[] {
  switch (role) {
    case "classic":
      return classic;
    case "agent":
      return agent;
    case "coordinator":
      return [
        ...coordinator,
        ...byOption.flatMap(({ flag, grants }) => (flags.some((one) => flag.test(one)) ? grants : [])),
      ];
  }
}

/** Whether one of the grants allows it. */
export function isGranted(
  { verb, group, resource, subresource, name, namespace: where }: AccessAttributes,
  grants: readonly Grant[],
): boolean {
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  return grants.some(
    (grant) =>
      grant.group === group &&
      grant.resource === what &&
      grant.verbs.includes(verb) &&
      (grant.name === undefined || grant.name === name) &&
      (grant.namespace === undefined || grant.namespace === where),
  );
}
