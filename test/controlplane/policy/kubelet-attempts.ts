import * as to from "./requests.ts";
import {
  PAUSE,
  REBOOT_NOW,
  RECORD,
  REPORT,
  annotate,
  cordon,
  get,
  label,
  patchNode,
  throughStatus,
} from "./requests.ts";
import type { Refusals, Twin } from "./table.ts";

const ownStatus: Twin = { party: "kubelet", what: "its own node's status", wanted: () => to.statusOf("n1") };
const ownLabel: Twin = { party: "kubelet", what: "a label of nobody's", wanted: () => label("n1", "a", "b") };
const ownLease: Twin = {
  party: "kubelet",
  what: "its node's own",
  wanted: ({ admin }) => to.putBack(admin, "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1"),
};
const nearSecret: Twin = {
  party: "kubelet",
  what: "one that a pod on its node mounts",
  wanted: () => get("/api/v1/namespaces/default/secrets/secret"),
};
const near = (what: string, wanted: Twin["wanted"]): { readonly twin: Twin } => ({
  twin: { party: "kubelet", what, wanted },
});

/** What whoever has the client certificate of the kubelet on n1 cannot do with it. */
export const kubeletAttempts: readonly Refusals[] = [
  {
    thief: "kubelet",
    by: "kured-kubelets",
    rows: [
      [
        "forge its node's record",
        () => annotate("n1", { [RECORD]: "forged" }),
        { says: "kured.dev/maintenance", twin: "coordinator" },
      ],
      [
        "approve its own reboot",
        () => annotate("n1", { [RECORD]: to.APPROVAL }),
        { says: "kured.dev/maintenance", twin: "coordinator" },
      ],
      [
        "forge it through its status",
        () => throughStatus(annotate("n1", { [RECORD]: "x" })),
        { says: "kured.dev/maintenance" },
      ],
      [
        "forge its node's report",
        () => annotate("n1", { [REPORT]: "forged" }),
        { says: "kured.dev/report", twin: "agent" },
      ],
      [
        "take its node's report away",
        () => annotate("n1", { [REPORT]: null }),
        { says: "kured.dev/report", twin: "agent" },
      ],
      ["ask for a reboot", () => annotate("n1", { [REBOOT_NOW]: "true" }), { says: "kured.dev/reboot-now" }],
      ["pause its node", () => annotate("n1", { [PAUSE]: "true" }), { says: "kured.dev/pause" }],
    ],
  },
  {
    thief: "newKubelet",
    by: "kured-kubelets",
    rows: [
      [
        "register with a record",
        () => to.registration({ annotations: { [RECORD]: "forged" } }),
        {
          says: "kured.dev/maintenance",
          twin: { party: "newKubelet", what: "without one", wanted: () => to.registration({}) },
        },
      ],
    ],
  },
  {
    thief: "kubelet",
    by: "NodeRestriction",
    rows: [
      [
        "forge another node's record",
        () => annotate("n2", { [RECORD]: "forged" }),
        { says: '"n1" is not allowed to modify node "n2"', twin: "coordinator" },
      ],
      ["forge another node's report", () => annotate("n2", { [REPORT]: "forged" }), { twin: "neighbour" }],
      ["ask for a reboot of another node", () => annotate("n2", { [REBOOT_NOW]: "true" })],
      ["cordon another node", () => cordon("n2", true), { twin: "coordinator" }],
      ["taint another node", () => to.taint("n2")],
      ["label another node", () => label("n2", "a", "b")],
      ["write another node's status", () => to.statusOf("n2"), { twin: ownStatus }],
      ["taint its node", () => to.taint("n1"), { says: "not allowed to modify taints" }],
      [
        "pass for a control plane",
        () => label("n1", "node-role.kubernetes.io/control-plane", ""),
        { says: "not allowed to modify labels" },
      ],
      ["give its node an owner", () => patchNode("n1", { metadata: { ownerReferences: [owner] } })],
      [
        "evict a pod of another node",
        () => to.evictionOf("lonely"),
        near("one of its own", () => to.evictionOf("near")),
      ],
      [
        "delete a pod of another node",
        () => to.deletionOf(to.podPath("lonely")),
        near("one of its own", () => to.deletionOf(to.podPath("near"))),
      ],
      [
        "make a pod",
        () => to.makePod("n1"),
        near("the mirror of a static pod", ({ admin }) => to.makeMirrorPod(admin, "n1")),
      ],
      ["make a pod on another node", ({ admin }) => to.makeMirrorPod(admin, "n2")],
      [
        "make a token of the agent on another node",
        ({ pods }) => to.tokenOf("kured-agent", pods.neighbour.metadata),
        near("of the one on its own", ({ pods }) => to.tokenOf("kured-agent", pods.agent.metadata)),
      ],
      ["make a token that is bound to no pod", () => to.tokenOf("kured-agent")],
      [
        "make a token of the agent that is bound to another node",
        async ({ admin }) => {
          const { uid = "" } = (await admin.get({ kind: "Node", metadata: { name: "n2" } })).metadata;
          return to.tokenOf("kured-agent", { kind: "Node", name: "n2", uid });
        },
      ],
      [
        "say that the agent of another node is Ready",
        ({ pods }) => to.readinessOf(pods.neighbour.metadata.name),
        near("that of its own is", ({ pods }) => to.readinessOf(pods.agent.metadata.name)),
      ],
    ],
  },
  {
    thief: "kubelet",
    by: "ServiceAccount admission",
    rows: [
      [
        "make a pod with the coordinator's account",
        ({ admin }) => to.makeMirrorPod(admin, "n1", { serviceAccountName: "kured-coordinator" }),
        {
          says: "a mirror pod may not reference service accounts",
          twin: {
            party: "admin",
            what: "one that is no mirror",
            wanted: () => to.makePod("n1", { serviceAccountName: "kured-coordinator" }),
          },
        },
      ],
    ],
  },
  {
    thief: "kubelet",
    by: "Node authorizer",
    rows: [
      ["delete its node", () => to.deletionOf("/api/v1/nodes/n1")],
      ["delete another node", () => to.deletionOf("/api/v1/nodes/n2")],
      [
        "read a secret that no pod on its node mounts",
        () => get(to.SECRET),
        { says: "no relationship found", twin: nearSecret },
      ],
      ["list secrets", () => get("/api/v1/secrets")],
      ["make a token of an account without a pod on its node", () => to.tokenOf("add-on")],
      ["read the agents' DaemonSet", () => get(`${to.DAEMON_SETS}/kured`), { twin: "coordinator" }],
      ["change the agents' image", ({ admin }) => to.putContainer(admin, { image: "example.com/evil" })],
      ["write the lock", ({ admin }) => to.putLock(admin, "{}"), { twin: "coordinator" }],
      ["take the coordinator's Lease", ({ admin }) => to.takeLease(admin, "kured"), { twin: ownLease }],
      ["make a Lease beside it", () => ({ verb: "POST", path: to.LEASES, body: to.lease("more") })],
      ["be the coordinator", () => to.impersonating("system:serviceaccount:kube-system:kured-coordinator")],
      ["be another kubelet", () => to.impersonating("system:node:n2")],
      [
        "remove a policy",
        () => to.deletionOf("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/kured-kubelets"),
      ],
    ],
  },
  {
    thief: "kubelet",
    by: "API validation",
    rows: [
      ["break a line with a label", () => label("n1", "a", "b\nc"), { says: "a valid label must be", twin: ownLabel }],
      [
        "colour a terminal with a label",
        () => label("n1", "a", "\u001b[31mred"),
        { says: "a valid label must be", twin: ownLabel },
      ],
      [
        "close a quotation with a label",
        () => label("n1", "a", '"} 1'),
        { says: "a valid label must be", twin: ownLabel },
      ],
    ],
  },
];

const owner = { apiVersion: "v1", kind: "Pod", name: "a", uid: "00000000-0000-0000-0000-000000000000" };
