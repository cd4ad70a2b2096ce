import { join } from "node:path";
import type { ControlPlane } from "../binaries.ts";
import type { Pki } from "./pki.ts";

/** What a suite may want otherwise than Kubernetes has it. */
export interface ClusterFeatures {
  /** Kubernetes feature gates for every component. */
  readonly gates?: Readonly<Record<string, boolean>>;
  /** The server ends a watch after this long to twice this long; half an hour to an hour unless given. */
  readonly watchSeconds?: number;
  /**
   * After this long without a heartbeat a node counts as NotReady; 600 unless given, where Kubernetes itself has 50.
   */
  readonly nodeMonitorGraceSeconds?: number;
  /**
   * No controllers, no scheduler and no kwok, and so no taint on new Nodes that waits for a controller to take it off.
   */
  readonly apiServerAlone?: boolean;
  /**
   * Nodes are machines of their own and reach the API server at this address, port 443, which must be one of this
   * network namespace's; kwok is not started.
   */
  readonly machinesReachItAt?: string;
}

export type ComponentName = "etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kwok";

/** What the command lines of one cluster are made of. */
export interface Plan {
  readonly folder: string;
  readonly port: number;
  readonly etcdPort: number;
  readonly peerPort: number;
  readonly pki: Pki;
  readonly programs: ControlPlane;
  readonly features: ClusterFeatures;
}

export function commandLine(name: ComponentName, plan: Plan): readonly [string, ...string[]] {
  return [plan.programs.paths[name], ...FLAGS[name](plan)];
}

const FLAGS: Readonly<Record<ComponentName, (plan: Plan) => readonly string[]>> = {
  etcd: ({ folder, etcdPort, peerPort }) => [
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=http://127.0.0.1:${etcdPort}`,
    `--advertise-client-urls=http://127.0.0.1:${etcdPort}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-cluster=default=http://127.0.0.1:${peerPort}`,
    // The data need not survive the machine, only the processes.
    "--unsafe-no-fsync",
    "--log-level=warn",
  ],
  "kube-apiserver": ({ folder, port, etcdPort, pki, features }) => [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--secure-port=${port}`,
    ...(features.machinesReachItAt === undefined
      ? ["--bind-address=127.0.0.1"]
      : servesMachines(features.machinesReachItAt, pki)),
    "--service-cluster-ip-range=10.96.0.0/16",
    `--tls-cert-file=${pki.path("apiserver.crt")}`,
    `--tls-private-key-file=${pki.path("apiserver.key")}`,
    `--client-ca-file=${pki.path("ca.crt")}`,
    `--service-account-key-file=${pki.path("service-accounts.crt")}`,
    `--service-account-signing-key-file=${pki.path("service-accounts.key")}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    ...((features.apiServerAlone ?? false) ? ["--disable-admission-plugins=TaintNodesByCondition"] : []),
    "--allow-privileged=true", // As everywhere: kured's own pods are.
    `--audit-policy-file=${join(folder, "audit-policy.json")}`,
    `--audit-log-path=${join(folder, "audit.log")}`,
    "--audit-log-mode=blocking", // What a test has got an answer to, it finds in the log.
    ...(features.watchSeconds === undefined ? [] : [`--min-request-timeout=${features.watchSeconds}`]),
    ...gates(features),
  ],
  "kube-controller-manager": ({ pki, features }) => [
    `--kubeconfig=${pki.path("kube-controller-manager.kubeconfig")}`,
    `--service-account-private-key-file=${pki.path("service-accounts.key")}`,
    `--root-ca-file=${pki.path("ca.crt")}`,
    "--use-service-account-credentials=true",
    "--leader-elect=false",
    "--secure-port=0",
    ...UNTHROTTLED,
    ...(features.nodeMonitorGraceSeconds === undefined
      ? // A kwok that is late after an outage is no node that is gone, and nothing makes its pods Ready again.
        ["--node-monitor-grace-period=10m"]
      : [`--node-monitor-grace-period=${features.nodeMonitorGraceSeconds}s`, "--node-monitor-period=1s"]),
    ...gates(features),
  ],
  "kube-scheduler": ({ pki, features }) => [
    `--kubeconfig=${pki.path("kube-scheduler.kubeconfig")}`,
    "--leader-elect=false",
    "--secure-port=0",
    ...UNTHROTTLED,
    ...gates(features),
  ],
  kwok: ({ pki }) => [
    `--kubeconfig=${pki.path("admin.kubeconfig")}`,
    "--manage-all-nodes=false",
    "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
    "--node-lease-duration-seconds=40",
  ],
};

/** It is asked for logs and for commands in pods, and asks the kubelets, which know it by its certificate. */
function servesMachines(address: string, pki: Pki): readonly string[] {
  return [
    "--bind-address=0.0.0.0",
    `--advertise-address=${address}`,
    "--kubelet-preferred-address-types=InternalIP",
    `--kubelet-client-certificate=${pki.path("admin.crt")}`,
    `--kubelet-client-key=${pki.path("admin.key")}`,
    `--kubelet-certificate-authority=${pki.path("ca.crt")}`,
  ];
}

/** Their own limit on requests alone would keep a cluster waiting for five seconds. */
const UNTHROTTLED = ["--kube-api-qps=1000", "--kube-api-burst=2000"];

function gates({ gates: wanted = {} }: ClusterFeatures): readonly string[] {
  const pairs = Object.entries(wanted).map(([name, on]) => `${name}=${on}`);
  return pairs.length === 0 ? [] : [`--feature-gates=${pairs.join(",")}`];
}
