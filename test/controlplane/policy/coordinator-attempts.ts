import * as to from "./requests.ts";
import {
  HOLD,
  PAUSE,
  REBOOT_NOW,
  REPORT,
  annotate,
  get,
  label,
  patchNode,
  putContainer,
  putDaemonSet,
} from "./requests.ts";
import type { Refusals } from "./table.ts";

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";

/** What whoever has the coordinator's token cannot do with it. */
export const coordinatorAttempts: readonly Refusals[] = [
  {
    thief: "coordinator",
    by: "kured-coordinator-nodes",
    rows: [
      [
        "write a report",
        () => annotate("n1", { [REPORT]: "forged" }),
        { says: "annotation kured.dev/report", twin: "agent" },
      ],
      [
        "remove a report",
        () => annotate("n1", { [REPORT]: null }),
        { says: "annotation kured.dev/report", twin: "agent" },
      ],
      ["ask for a reboot", () => annotate("n1", { [REBOOT_NOW]: "true" }), { says: "annotation kured.dev/reboot-now" }],
      ["pause a node", () => annotate("n1", { [PAUSE]: "true" }), { says: "annotation kured.dev/pause" }],
      ["hold a node", () => annotate("n1", { [HOLD]: "true" }), { says: "annotation kured.dev/hold" }],
      ["write a foreign annotation", () => annotate("n1", { "a.b/c": "d" }), { says: "annotation a.b/c" }],
      ["label a node", () => label("n1", "a", "b"), { says: "metadata.labels" }],
      [
        "add a finalizer",
        () => patchNode("n1", { metadata: { finalizers: ["a.b/c"] } }),
        { says: "metadata.finalizers" },
      ],
      ["taint a node", () => to.taint("n1"), { says: "spec.taints" }],
      [
        "change a node's provider",
        () => patchNode("n1", { spec: { providerID: "a://b" } }),
        { says: "spec.providerID" },
      ],
    ],
  },
  {
    thief: "coordinator",
    by: "kured-coordinator-lock",
    rows: [
      [
        "change the agents' image",
        ({ admin }) => putContainer(admin, { image: "example.com/evil" }),
        { says: "may not change spec" },
      ],
      [
        "change their arguments",
        ({ admin }) => putContainer(admin, { args: ["--period=1s"] }),
        { says: "may not change spec" },
      ],
      [
        "pick their nodes",
        ({ admin }) => putDaemonSet(admin, { spec: { minReadySeconds: 600 } }),
        { says: "may not change spec" },
      ],
      [
        "label the DaemonSet",
        ({ admin }) => putDaemonSet(admin, { metadata: { labels: { a: "b" } } }),
        { says: "metadata.labels" },
      ],
      [
        "add a finalizer to it",
        ({ admin }) => putDaemonSet(admin, { metadata: { finalizers: ["a.b/c"] } }),
        { says: "metadata.finalizers" },
      ],
      [
        "pause the fleet",
        ({ admin }) => putDaemonSet(admin, { metadata: { annotations: { [PAUSE]: "true" } } }),
        { says: "annotation kured.dev/pause" },
      ],
    ],
  },
  {
    thief: "coordinator",
    by: "kured-coordinator-lease",
    rows: [
      [
        "make another Lease",
        () => ({ verb: "POST", path: to.LEASES, body: to.lease("more") }),
        { says: "kube-system/kured and do nothing else" },
      ],
    ],
  },
  {
    thief: "coordinator",
    by: "RBAC",
    rows: [
      ["patch the DaemonSet", () => ({ verb: "PATCH", path: `${to.DAEMON_SETS}/kured`, body: {} })],
      ["delete the DaemonSet", () => to.deletionOf(`${to.DAEMON_SETS}/kured`)],
      ["list all DaemonSets", () => get("/apis/apps/v1/daemonsets")],
      ["change its own Deployment", ({ admin }) => to.putBack(admin, to.DEPLOYMENT)],
      ["take another Lease", ({ admin }) => to.takeLease(admin, "other")],
      ["delete its Lease", () => to.deletionOf(`${to.LEASES}/kured`)],
      ["write a node's status", () => to.statusOf("n1"), { twin: "kubelet" }],
      ["replace a node", ({ admin }) => to.putBack(admin, "/api/v1/nodes/n1")],
      ["delete a node", () => to.deletionOf("/api/v1/nodes/n1")],
      ["make a node", () => to.makeNode("n9")],
      ["delete a pod", () => to.deletionOf(to.podPath("lonely"))],
      [
        "change a pod",
        () => ({ verb: "PATCH", path: to.podPath("lonely"), body: { metadata: { labels: { a: "b" } } } }),
      ],
      ["make a pod", () => to.makePod("n2")],
      ["read a secret", () => get(to.SECRET)],
      ["list secrets", () => get("/api/v1/secrets")],
      ["make a token of an agent", ({ pods }) => to.tokenOf("kured-agent", pods.agent.metadata)],
      ["make a token of its own", () => to.tokenOf("kured-coordinator")],
      ["be an agent", () => to.impersonating("system:serviceaccount:kube-system:kured-agent")],
      ["be a person", () => to.impersonating("ann")],
      ["change its own rights", () => ({ verb: "PATCH", path: `${rbac}/clusterroles/kured-coordinator`, body: {} })],
      ["remove a policy", () => to.deletionOf(`${policies}/kured-agent`)],
    ],
  },
];
