import * as to from "./requests.ts";
import { RECORD, REPORT, VERDICT, annotate, throughStatus } from "./requests.ts";
import type { Accepted, Refusals } from "./table.ts";

/** What an add-on that may write Nodes, and whose token lies on every node, cannot do. */
export const otherAttempts: readonly Refusals[] = [
  {
    thief: "addOn",
    by: "kured-other-accounts",
    twin: "person",
    rows: [
      ["forge a record", () => annotate("n2", { [RECORD]: "forged" }), { says: "kured.dev/maintenance" }],
      ["forge an approval", () => annotate("n2", { [RECORD]: to.APPROVAL }), { says: "kured.dev/maintenance" }],
      [
        "forge one through a status",
        () => throughStatus(annotate("n2", { [RECORD]: "x" })),
        { says: "kured.dev/maintenance" },
      ],
      ["forge a report", () => annotate("n2", { [REPORT]: "forged" }), { says: "kured.dev/report" }],
      ["forge a verdict", () => annotate("n2", { [VERDICT]: "forged" }), { says: "kured.dev/verdict" }],
      ["make a Node with a record", () => to.makeNode("n8", { [RECORD]: "forged" }), { says: "kured.dev/maintenance" }],
    ],
  },
  {
    thief: "addOn",
    by: "API validation",
    rows: ["n\n8", "n%s8", "n\u001b[31m8", 'n"8', "n\u20288"].map((name) => [
      `make a Node named ${JSON.stringify(name).replace("\u2028", "\\u2028")}`,
      () => to.makeNode(name),
      { says: "RFC 1123", twin: { party: "addOn", what: "named n8", wanted: () => to.makeNode("n8") } },
    ]),
  },
];

/** What gets through, and is borne. */
export const accepted: readonly Accepted[] = [
  {
    thief: "agent",
    what: "read all Nodes",
    wanted: () => to.get("/api/v1/nodes"),
    because: "All agents share one account, and RBAC knows no own Node. Nothing in a record is a secret.",
  },
  {
    thief: "agent",
    what: "say anything about its node's need of a reboot",
    wanted: () => annotate("n1", { [REPORT]: "anything" }),
    because: "Whoever owns a node can reboot it anyway. The queue, the budgets and the lock count it like any other.",
  },
  {
    thief: "kubelet",
    what: "cordon and uncordon its node",
    wanted: () => to.cordon("n1", true),
    because:
      "Kubernetes lets it. A cordon that is not ours counts as an unavailable node; one that is lost is noticed before the reboot.",
  },
  {
    thief: "kubelet",
    what: "say that its node runs on another boot",
    wanted: () => to.statusOf("n1"),
    because: "Kubernetes lets it. The Node's word is the second witness; the first is the agent's report.",
  },
  {
    thief: "kubelet",
    what: "make a token of the agent on its node",
    wanted: ({ pods }) => to.tokenOf("kured-agent", pods.agent.metadata),
    because:
      "That is how pods get theirs: who owns a node owns the tokens on it. It is why the agent's may so little, and why the coordinator prefers control-plane nodes.",
  },
  {
    thief: "addOn",
    what: "pause or hold any node",
    wanted: () => annotate("n2", { [to.PAUSE]: "an upgrade", [to.HOLD]: "an upgrade" }),
    because:
      "Automation asks in this way. It keeps nodes from being rebooted, in plain sight; who may write Nodes can taint them as well.",
  },
  {
    thief: "coordinator",
    what: "cordon any node and write its record",
    wanted: () =>
      to.patchNode("n2", { metadata: { annotations: { [RECORD]: to.APPROVAL } }, spec: { unschedulable: true } }),
    because: "That is its work. What it can reboot with it is nodes whose agents ask for it.",
  },
  {
    thief: "coordinator",
    what: "evict any pod",
    wanted: () => to.evictionOf("lonely"),
    because: "That is its work. Disruption budgets hold also against it, because it may not delete.",
  },
  {
    thief: "coordinator",
    what: "tell events about Nodes",
    wanted: () => to.event(),
    because: "That is its work. It can tell untrue ones, in the namespace `default` only.",
  },
];
