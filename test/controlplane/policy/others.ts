import { test } from "node:test";
import type { NodeObject } from "../objects.ts";
import type { KubeObject } from "../resources.ts";
import { waitFor } from "../waits.ts";
import { assertAllowed, assertRefused, attempt, type Attempt } from "./attempts.ts";
import type { Cast } from "./cast.ts";
import * as to from "./requests.ts";
import {
  PAUSE,
  RECORD,
  REPORT,
  VERDICT,
  annotate,
  patchNode,
  putDaemonSet,
  putLock,
  throughStatus,
} from "./requests.ts";

/** What kubelets, add-ons, people and a classic kured can do beside a coordinated one. */
export function othersCases(cast: () => Cast): void {
  test("a kubelet goes on with its work: its status, its annotations, and registering its node", async () => {
    const { admin, kubelet, newKubelet } = cast();
    await assertAllowed(kubelet, to.statusOf("n1"));
    await assertAllowed(kubelet, annotate("n1", { "node.alpha.kubernetes.io/ttl": "0" }));
    await assertAllowed(kubelet, throughStatus(annotate("n1", { "volumes.kubernetes.io/a": "b" })));
    const refusal = { by: "kured-kubelets", says: "annotation kured.dev/maintenance" } as const;
    await assertRefused(newKubelet, to.registration({ annotations: { [RECORD]: "forged" } }), refusal);
    await assertAllowed(newKubelet, to.registration({}));
    await admin.delete({ kind: "Node", metadata: { name: "n9" } });
  });

  test("an add-on goes on writing Nodes, adding them and removing them, and may ask for a pause", async () => {
    const { addOn } = cast();
    await assertAllowed(addOn, patchNode("n2", { metadata: { annotations: { "a.b/c": "d" }, labels: { a: "b" } } }));
    await assertAllowed(addOn, annotate("n2", { [PAUSE]: "an upgrade" }));
    await assertAllowed(addOn, annotate("n2", { [PAUSE]: null }));
    await assertAllowed(addOn, to.statusOf("n2"));
    await assertAllowed(addOn, to.makeNode("n8"));
    await assertAllowed(addOn, to.deletionOf("/api/v1/nodes/n8"));
  });

  test("a person who may patch Nodes removes by hand what an add-on may not", async () => {
    const { coordinator, addOn, person } = cast();
    await assertAllowed(coordinator, annotate("n2", { [RECORD]: "stuck" }));
    await assertRefused(addOn, annotate("n2", { [RECORD]: null }), { by: "kured-other-accounts" });
    await assertAllowed(person, annotate("n2", { [RECORD]: null, [REPORT]: null }));
  });

  test("a classic kured in the same cluster is hindered by nothing", async () => {
    const { admin, classic } = cast();
    const claimed = { annotations: { [RECORD]: "classic", [REPORT]: "classic", [VERDICT]: "classic" } };
    await assertAllowed(classic, patchNode("n2", { metadata: claimed, spec: { unschedulable: true } }));
    await assertAllowed(classic, () => putLock(admin, '{"nodeID":"n2"}'));
    await assertAllowed(classic, await putDaemonSet(admin, { metadata: { labels: { classic: "yes" } } }));
    const closed = { annotations: { [RECORD]: null, [REPORT]: null, [VERDICT]: null } };
    await assertAllowed(classic, patchNode("n2", { metadata: closed, spec: { unschedulable: null } }));
  });
}

/** Where RBAC was opened by mistake; to be run last, because it leaves it open. */
export function openRightsCase(cast: () => Cast, signal: AbortSignal): void {
  test("the policies hold also where somebody has granted far too much", async () => {
    const { admin, agent, coordinator } = cast();
    for (const account of ["kured-agent", "kured-coordinator"]) await admin.create(allRights(account));
    for (const client of [agent, coordinator]) {
      const allowed = async (): Promise<boolean> => (await attempt(client, to.get(to.SECRET))).status === 200;
      await waitFor("the rights to be in force", allowed, { signal });
    }
    const n1 = await admin.get<NodeObject>({ kind: "Node", metadata: { name: "n1" } });
    const attempts: readonly Attempt[] = [
      to.statusOf("n1"),
      throughStatus(annotate("n1", { [RECORD]: "x" })),
      throughStatus(annotate("n1", { [REPORT]: "x" })),
      to.deletionOf("/api/v1/nodes/n2"),
      to.makeNode("n9"),
      { verb: "GET", path: "/api/v1/nodes/n1/proxy/pods" },
      { verb: "PUT", path: "/api/v1/nodes/n1", body: { ...n1, metadata: { ...n1.metadata, labels: {} } } },
    ];
    for (const wanted of attempts) {
      await assertRefused(agent, wanted, { by: "kured-agent" });
      await assertRefused(coordinator, wanted, { by: "kured-coordinator-nodes" });
    }
    const refusal = { by: "kured-coordinator-lock", says: "nothing else to DaemonSets" } as const;
    const now = await putDaemonSet(admin, {});
    const other = { ...(now.body as object), metadata: { name: "other", namespace: "kube-system" } };
    await assertRefused(coordinator, { verb: "POST", path: to.DAEMON_SETS, body: other }, refusal);
    await assertRefused(coordinator, to.deletionOf(`${to.DAEMON_SETS}/kured`), refusal);
    await assertRefused(coordinator, { ...now, path: `${now.path}/status` }, refusal);
    // What each may do it still may.
    await assertAllowed(agent, annotate("n1", { [REPORT]: "x" }));
    await assertAllowed(coordinator, annotate("n1", { [RECORD]: "x" }));
  });
}

function allRights(serviceAccount: string): KubeObject {
  const apiGroup = "rbac.authorization.k8s.io";
  const binding = {
    apiVersion: `${apiGroup}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: `far-too-much-for-${serviceAccount}` },
    roleRef: { apiGroup, kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "ServiceAccount", name: serviceAccount, namespace: "kube-system" }],
  };
  return binding;
}
