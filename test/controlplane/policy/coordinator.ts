import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAllowed, refusals } from "./attempts.ts";
import type { Cast } from "./cast.ts";
import * as to from "./requests.ts";
import {
  LOCK,
  PAUSE,
  RECORD,
  REPORT,
  VERDICT,
  annotate,
  get,
  patchNode,
  putContainer,
  putDaemonSet,
  putLock,
} from "./requests.ts";

/** What whoever has the coordinator's token can do with it. */
export function coordinatorCases(cast: () => Cast): void {
  test("the coordinator takes and gives back the lock by replacing the DaemonSet", async () => {
    const { admin, coordinator } = cast();
    await assertAllowed(coordinator, get(`${to.DAEMON_SETS}/kured`));
    for (const text of ['{"nodeID":"n1"}', '{"nodeID":"n2"}', undefined]) {
      await assertAllowed(coordinator, await putLock(admin, text));
      assert.equal((await admin.get(to.daemonSet)).metadata.annotations?.[LOCK], text);
    }
  });

  test("the coordinator cordons with a record, tells verdicts, and uncordons without a record", async () => {
    const { admin, coordinator } = cast();
    const { resourceVersion, uid } = (await admin.get({ kind: "Node", metadata: { name: "n1" } })).metadata;
    const claimed = { resourceVersion, annotations: { [RECORD]: "claimed" } };
    await assertAllowed(coordinator, patchNode("n1", { metadata: claimed, spec: { unschedulable: true } }));
    await assertAllowed(coordinator, patchNode("n1", { metadata: { uid, annotations: { [VERDICT]: "Done" } } }));
    const closed = { annotations: { [RECORD]: null, [VERDICT]: null } };
    await assertAllowed(coordinator, patchNode("n1", { metadata: closed, spec: { unschedulable: null } }));
  });

  test("the coordinator lists and watches what it decides from", async () => {
    const paths = [
      "/api/v1/nodes?limit=500",
      "/api/v1/pods?fieldSelector=spec.nodeName%3Dn1",
      "/apis/policy/v1/namespaces/default/poddisruptionbudgets?limit=500",
      `${to.DAEMON_SETS}?fieldSelector=metadata.name%3Dkured`,
    ];
    for (const path of paths.flatMap((list) => [list, `${list}&watch=true&timeoutSeconds=1`])) {
      await assertAllowed(cast().coordinator, get(path));
    }
    const elsewhere = await cast().coordinator.send("GET", "/apis/apps/v1/namespaces/default/daemonsets/none");
    assert.equal(elsewhere.status, 404, "it may ask for a pod's DaemonSet in any namespace");
  });

  test("the coordinator evicts, tells events, and holds its Lease", async () => {
    const { admin, coordinator, victim } = cast();
    const held = await admin.get(to.lease("kured"));
    await assertAllowed(coordinator, { verb: "PUT", path: `${to.LEASES}/kured`, body: held });
    await admin.delete(to.lease("kured"));
    await assertAllowed(coordinator, { verb: "POST", path: to.LEASES, body: to.lease("kured") });
    const involvedObject = { apiVersion: "v1", kind: "Node", name: "n1" };
    const body = { metadata: { name: "n1.done", namespace: "default" }, involvedObject };
    await assertAllowed(coordinator, { verb: "POST", path: "/api/v1/namespaces/default/events", body });
    await assertAllowed(coordinator, to.evictionOf(victim));
  });

  const coordinator = { who: "the coordinator", client: () => cast().coordinator };
  refusals({ ...coordinator, by: "kured-coordinator-nodes" }, [
    ["write a report", () => annotate("n1", { [REPORT]: "forged" }), /annotation kured\.dev\/report/],
    ["remove a report", () => annotate("n1", { [REPORT]: null }), /annotation kured\.dev\/report/],
    ["pause a node", () => annotate("n1", { [PAUSE]: "true" }), /annotation kured\.dev\/pause/],
    ["write a foreign annotation", () => annotate("n1", { "a.b/c": "d" }), /annotation a\.b\/c/],
    ["label a node", () => patchNode("n1", { metadata: { labels: { a: "b" } } }), /metadata\.labels/],
    ["add a finalizer", () => patchNode("n1", { metadata: { finalizers: ["a.b/c"] } }), /metadata\.finalizers/],
    ["taint a node", () => to.taint("n1"), /spec\.taints/],
    ["change a node's provider", () => patchNode("n1", { spec: { providerID: "a://b" } }), /spec\.providerID/],
  ]);
  refusals({ ...coordinator, by: "kured-coordinator-lock" }, [
    [
      "change the agents' image",
      () => putContainer(cast().admin, { image: "example.com/evil" }),
      /may not change spec/,
    ],
    ["change their arguments", () => putContainer(cast().admin, { args: ["--period=1s"] }), /may not change spec/],
    ["pick their nodes", () => putDaemonSet(cast().admin, { spec: { minReadySeconds: 600 } }), /may not change spec/],
    ["label the DaemonSet", () => putDaemonSet(cast().admin, { metadata: { labels: { a: "b" } } }), /\.labels/],
    [
      "add a finalizer to it",
      () => putDaemonSet(cast().admin, { metadata: { finalizers: ["a.b/c"] } }),
      /\.finalizers/,
    ],
    [
      "pause the fleet",
      () => putDaemonSet(cast().admin, { metadata: { annotations: { [PAUSE]: "true" } } }),
      /kured\.dev\/pause/,
    ],
  ]);
  refusals({ ...coordinator, by: "RBAC" }, [
    ["patch the DaemonSet", () => ({ verb: "PATCH", path: `${to.DAEMON_SETS}/kured`, body: {} })],
    ["update another DaemonSet", () => ({ verb: "PUT", path: `${to.DAEMON_SETS}/other`, body: {} })],
    ["list all DaemonSets", () => get("/apis/apps/v1/daemonsets")],
    ["touch another Lease", () => ({ verb: "PUT", path: `${to.LEASES}/other`, body: to.lease("other") })],
    ["write a node's status", () => to.statusOf("n1")],
    ["delete a node", () => to.deletionOf("/api/v1/nodes/n1")],
    ["delete a pod", () => to.deletionOf(`/api/v1/namespaces/default/pods/${cast().victim}`)],
    ["make a pod", () => ({ verb: "POST", path: "/api/v1/namespaces/kube-system/pods", body: {} })],
    ["read a secret", () => get(to.SECRET)],
    ["make a token of an agent", () => ({ verb: "POST", path: `${to.ACCOUNTS}/kured-agent/token`, body: {} })],
    ["change its own rights", () => ({ verb: "PATCH", path: `${rbac}/clusterroles/kured-coordinator`, body: {} })],
    [
      "remove a policy",
      () => to.deletionOf("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/kured-agent"),
    ],
  ]);
}

const rbac = "/apis/rbac.authorization.k8s.io/v1";
