import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAllowed } from "./attempts.ts";
import type { Cast } from "./cast.ts";
import * as to from "./requests.ts";
import { LOCK, RECORD, VERDICT, get, patchNode, putLock } from "./requests.ts";

/** What whoever has the coordinator's token can do with it. */
export function coordinatorCases(cast: () => Cast): void {
  test("the coordinator takes and gives back the lock by replacing the DaemonSet", async () => {
    const { admin, coordinator } = cast();
    await assertAllowed(coordinator, get(`${to.DAEMON_SETS}/kured`));
    for (const text of ['{"nodeID":"n1"}', '{"nodeID":"n2"}', undefined]) {
      await assertAllowed(coordinator, () => putLock(admin, text));
      assert.equal((await admin.get(to.daemonSet)).metadata.annotations?.[LOCK], text);
    }
  });

  test("the coordinator cordons with a record, tells verdicts, and uncordons without a record", async () => {
    const { admin, coordinator } = cast();
    const node = () => admin.get({ kind: "Node", metadata: { name: "n1" } });
    const { uid } = (await node()).metadata;
    await assertAllowed(coordinator, async () => {
      const { resourceVersion } = (await node()).metadata;
      const claimed = { resourceVersion, annotations: { [RECORD]: "claimed" } };
      return patchNode("n1", { metadata: claimed, spec: { unschedulable: true } });
    });
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
    await assertAllowed(coordinator, to.event());
    await assertAllowed(coordinator, to.evictionOf(victim));
  });
}
