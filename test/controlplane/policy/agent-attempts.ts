import * as to from "./requests.ts";
import {
  HOLD,
  PAUSE,
  REBOOT_NOW,
  RECORD,
  REPORT,
  VERDICT,
  annotate,
  cordon,
  get,
  label,
  patchNode,
} from "./requests.ts";
import type { Refusals, Twin } from "./table.ts";

const owner = { apiVersion: "v1", kind: "Pod", name: "a", uid: "00000000-0000-0000-0000-000000000000" };
const forgedReport = (node: string) => annotate(node, { [REPORT]: "forged" });
const forgedApproval = (node: string) => annotate(node, { [RECORD]: to.APPROVAL });
const ownReport: Twin = { party: "agent", what: "", wanted: () => annotate("n1", { [REPORT]: "x".repeat(16_384) }) };

/** What whoever owns node n1 cannot do with the token of the agent's pod there. */
export const agentAttempts: readonly Refusals[] = [
  {
    thief: "agent",
    by: "kured-agent",
    rows: [
      [
        "write another node's report",
        () => forgedReport("n2"),
        { says: "this token is of node n1", twin: "neighbour" },
      ],
      [
        "take another node's report away",
        () => annotate("n2", { [REPORT]: null }),
        { says: "its own Node only", twin: "neighbour" },
      ],
      [
        "ask for a reboot of another node",
        () => annotate("n2", { [REBOOT_NOW]: "true" }),
        { says: "its own Node only" },
      ],
      [
        "approve the reboot of another node",
        () => forgedApproval("n2"),
        { says: "its own Node only", twin: "coordinator" },
      ],
      ["pause another node", () => annotate("n2", { [PAUSE]: "true" }), { says: "its own Node only" }],
      ["label another node", () => label("n2", "a", "b"), { says: "its own Node only" }],
      ["taint another node", () => to.taint("n2"), { says: "its own Node only" }],
      ["cordon another node", () => cordon("n2", true), { says: "its own Node only", twin: "coordinator" }],
      ["cordon its node", () => cordon("n1", true), { says: "may not change spec", twin: "coordinator" }],
      ["taint its node", () => to.taint("n1"), { says: "may not change spec" }],
      ["label its node", () => label("n1", "a", "b"), { says: "metadata.labels" }],
      ["take a label away", () => label("n1", "kubernetes.io/os", null), { says: "metadata.labels" }],
      [
        "add a finalizer",
        () => patchNode("n1", { metadata: { finalizers: ["a.b/c"] } }),
        { says: "metadata.finalizers" },
      ],
      [
        "give its node an owner",
        () => patchNode("n1", { metadata: { ownerReferences: [owner] } }),
        { says: "ownerReferences" },
      ],
      [
        "rename what made its node",
        () => patchNode("n1", { metadata: { generateName: "a-" } }),
        { says: "generateName" },
      ],
      [
        "write its own record",
        () => annotate("n1", { [RECORD]: "claimed" }),
        { says: "annotation kured.dev/maintenance", twin: "coordinator" },
      ],
      [
        "approve its own reboot",
        () => forgedApproval("n1"),
        { says: "annotation kured.dev/maintenance", twin: "coordinator" },
      ],
      [
        "write its own verdict",
        () => annotate("n1", { [VERDICT]: "Done" }),
        { says: "annotation kured.dev/verdict", twin: "coordinator" },
      ],
      [
        "ask for its own reboot",
        () => annotate("n1", { [REBOOT_NOW]: "true" }),
        { says: "annotation kured.dev/reboot-now" },
      ],
      ["pause its node", () => annotate("n1", { [PAUSE]: "true" }), { says: "annotation kured.dev/pause" }],
      ["hold its node", () => annotate("n1", { [HOLD]: "true" }), { says: "annotation kured.dev/hold" }],
      [
        "write more than its report",
        () => annotate("n1", { [REPORT]: "x", "a.b/c": "d" }),
        { says: "annotation a.b/c" },
      ],
      ["take an annotation away", () => annotate("n1", { "kwok.x-k8s.io/node": null }), { says: "annotation kwok" }],
      [
        "write kured's old ones",
        () => annotate("n1", { "weave.works/kured-reboot-in-progress": "x" }),
        { says: "weave.works" },
      ],
      [
        "write a report of 17 KiB",
        () => annotate("n1", { [REPORT]: "x".repeat(17_408) }),
        { says: "at most 16384 bytes, not 17408", twin: { ...ownReport, what: "a report of 16 KiB" } },
      ],
    ],
  },
  {
    thief: "agent",
    by: "RBAC",
    rows: [
      ["replace its Node", ({ admin }) => to.putBack(admin, "/api/v1/nodes/n1")],
      ["write its node's status", () => to.statusOf("n1"), { twin: "kubelet" }],
      ["write another node's status", () => to.statusOf("n2")],
      ["delete its node", () => to.deletionOf("/api/v1/nodes/n1")],
      ["delete another node", () => to.deletionOf("/api/v1/nodes/n2")],
      ["make a node", () => to.makeNode("n9")],
      ["evict a pod", () => to.evictionOf("lonely"), { twin: "coordinator" }],
      ["delete a pod", () => to.deletionOf(to.podPath("lonely"))],
      ["list pods", () => get("/api/v1/pods?fieldSelector=spec.nodeName%3Dn1"), { twin: "coordinator" }],
      ["make a pod", () => to.makePod("n2")],
      ["read a secret", () => get(to.SECRET)],
      ["list secrets", () => get("/api/v1/secrets")],
      ["read the DaemonSet", () => get(`${to.DAEMON_SETS}/kured`), { twin: "coordinator" }],
      ["change the agents' image", ({ admin }) => to.putContainer(admin, { image: "example.com/evil" })],
      ["write the lock", ({ admin }) => to.putLock(admin, "{}"), { twin: "coordinator" }],
      ["take the Lease", ({ admin }) => to.takeLease(admin, "kured"), { twin: "coordinator" }],
      ["make a Lease", () => ({ verb: "POST", path: to.LEASES, body: to.lease("more") })],
      ["make a token of the coordinator", () => to.tokenOf("kured-coordinator")],
      ["make a token of the agent on another node", ({ pods }) => to.tokenOf("kured-agent", pods.neighbour.metadata)],
      ["be the coordinator", () => to.impersonating("system:serviceaccount:kube-system:kured-coordinator")],
      ["be a kubelet", () => to.impersonating("system:node:n2")],
      ["tell an event", () => to.event(), { twin: "coordinator" }],
    ],
  },
  {
    thief: "strayAgent",
    by: "kured-agent",
    rows: [["write any report", () => forgedReport("n1"), { says: "this token is of no node", twin: "agent" }]],
  },
  {
    thief: "agent",
    by: "API validation",
    rows: [
      [
        "write a report of 300 KiB",
        () => annotate("n1", { [REPORT]: "x".repeat(300 * 1024) }),
        { says: "may not be more than 262144 bytes", twin: { ...ownReport, what: "a report of 16 KiB" } },
      ],
    ],
  },
];
