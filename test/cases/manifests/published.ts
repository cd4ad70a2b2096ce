import type { KubeObject, Metadata } from "../../controlplane/resources.ts";

/** A manifest that a release of kured has published, with the arguments that its container has. */
export interface PublishedManifest {
  readonly release: keyof typeof releases;
  /** In the order of `kubectl apply`. */
  readonly objects: readonly KubeObject[];
  /** What follows `/usr/bin/kured`. */
  readonly args: readonly string[];
}

interface Traits {
  readonly release: string;
  /** Where its role looks for DaemonSets. */
  readonly daemonSetGroup: "apps" | "extensions";
  /** The host's /var/run is mounted at /sentinel; releases before 1.15 mounted nothing. */
  readonly mountsSentinel: boolean;
  /** Whether it tolerates the newer name of a control plane's taint, and has a port of that name. */
  readonly controlPlane: boolean;
}

/** Releases by their number, each with the arguments that its manifest had uncommented. */
export const releases = {
  "1.2.0": { daemonSetGroup: "extensions", mountsSentinel: false, controlPlane: false },
  "1.3.0": { daemonSetGroup: "apps", mountsSentinel: false, controlPlane: false },
  "1.13.0": { daemonSetGroup: "apps", mountsSentinel: false, controlPlane: true },
  "1.23.0": { daemonSetGroup: "apps", mountsSentinel: true, controlPlane: true },
} as const satisfies Readonly<Record<string, Omit<Traits, "release">>>;

/** What people applied for this release, with further arguments where they uncommented some. */
export function publishedManifest(
  release: keyof typeof releases,
  { args: further = [] }: { readonly args?: readonly string[] } = {},
): PublishedManifest {
  const traits: Traits = { release, ...releases[release] };
  const args = [...(traits.mountsSentinel ? ["--reboot-sentinel=/sentinel/reboot-required"] : []), ...further];
  return { release, args, objects: [...rights(traits), daemonSet(traits, args)] };
}

/**
 * Every argument that stands commented in the manifest of 1.13, uncommented. As plain scalars of YAML the two quotes
 * belong to the value. One more selector is printed there, of three dots, which is none.
 */
export const everyArgumentOf1_13: readonly string[] = [
  ...["--force-reboot=false", "--drain-grace-period=-1", "--skip-wait-for-delete-timeout=0", "--drain-timeout=0"],
  ...["--period=1h", "--ds-namespace=kube-system", "--ds-name=kured"],
  ...["--lock-annotation=weave.works/kured-node-lock", "--lock-ttl=0"],
  "--prometheus-url=http://prometheus.monitoring.svc.cluster.local",
  ...["--alert-filter-regexp=^RebootRequired$", "--alert-firing-only=false"],
  "--reboot-sentinel=/var/run/reboot-required",
  ...['--prefer-no-schedule-taint=""', '--reboot-sentinel-command=""'],
  ...["--slack-hook-url=https://hooks.slack.com/...", "--slack-username=prod", "--slack-channel=alerting"],
  '--notify-url=""',
  ...["--message-template-drain=Draining node %s", "--message-template-reboot=Rebooting node %s"],
  "--message-template-uncordon=Node %s rebooted & uncordoned successfully!",
  ...["--blocking-pod-selector=runtime=long,cost=expensive", "--blocking-pod-selector=name=temperamental"],
  ...["--reboot-days=sun,mon,tue,wed,thu,fri,sat", "--reboot-delay=90s", "--start-time=0:00", "--end-time=23:59:59"],
  ...["--time-zone=UTC", "--annotate-nodes=false", "--lock-release-delay=30m", "--log-format=text"],
];

function rights({ daemonSetGroup }: Traits): readonly KubeObject[] {
  const account = { kind: "ServiceAccount", name, namespace };
  const bound = (kind: "ClusterRole" | "Role") => ({
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name },
    subjects: [account],
  });
  const clusterRules = [
    { apiGroups: [""], resources: ["nodes"], verbs: ["get", "patch"] },
    { apiGroups: [""], resources: ["pods"], verbs: ["list", "delete", "get"] },
    { apiGroups: [daemonSetGroup], resources: ["daemonsets"], verbs: ["get"] },
    { apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] },
  ];
  const ownRules = [
    { apiGroups: [daemonSetGroup], resources: ["daemonsets"], resourceNames: [name], verbs: ["update"] },
  ];
  return [
    make(rbac, "ClusterRole", { name }, { rules: clusterRules }),
    make(rbac, "ClusterRoleBinding", { name }, bound("ClusterRole")),
    make(rbac, "Role", { name, namespace }, { rules: ownRules }),
    make(rbac, "RoleBinding", { name, namespace }, bound("Role")),
    make("v1", "ServiceAccount", { name, namespace }, {}),
  ];
}

function daemonSet({ release, mountsSentinel, controlPlane }: Traits, args: readonly string[]): KubeObject {
  const taints = [...(controlPlane ? ["control-plane"] : []), "master"];
  const template = {
    metadata: { labels: { name } },
    spec: {
      serviceAccountName: name,
      hostPID: true,
      restartPolicy: "Always",
      tolerations: taints.map((taint) => ({ key: `node-role.kubernetes.io/${taint}`, effect: "NoSchedule" })),
      containers: [
        {
          name,
          image: `example.invalid/kured:${release}`,
          imagePullPolicy: "IfNotPresent",
          command: ["/usr/bin/kured", ...args],
          env: [{ name: "KURED_NODE_ID", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
          securityContext: { privileged: true, ...(mountsSentinel && { readOnlyRootFilesystem: true }) },
          ...(controlPlane && { ports: [{ containerPort: 8080, name: "metrics" }] }),
          ...(mountsSentinel && { volumeMounts: [{ mountPath: "/sentinel", name: "sentinel", readOnly: true }] }),
        },
      ],
      ...(mountsSentinel && { volumes: [{ name: "sentinel", hostPath: { path: "/var/run", type: "Directory" } }] }),
    },
  };
  const spec = { selector: { matchLabels: { name } }, updateStrategy: { type: "RollingUpdate" }, template };
  return make("apps/v1", "DaemonSet", { name, namespace }, { spec });
}

const rbac = "rbac.authorization.k8s.io/v1";
const name = "kured";
const namespace = "kube-system";

function make(apiVersion: string, kind: string, metadata: Metadata, content: object): KubeObject {
  return { apiVersion, kind, metadata, ...content };
}
