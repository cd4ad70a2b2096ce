import assert from "node:assert/strict";
import test from "node:test";
import type { PodObject } from "../../controlplane/objects.ts";
import type { KubeObject } from "../../controlplane/resources.ts";
import { waitFor } from "../../controlplane/waits.ts";
import { watchFleet } from "../stand/fleet.ts";
import { install } from "../stand/install.ts";
import { bootIds, requireReboot, untilRebooted } from "../stand/reboots.ts";
import { suiteRig } from "../stand/suite.ts";

const { rig, signal } = await suiteRig();

interface Lease extends KubeObject {
  readonly spec: { readonly holderIdentity?: string };
}

/** The node of the coordinator that leads. */
async function leadersNode(): Promise<string> {
  return await waitFor(
    "a coordinator to lead",
    async () => {
      const lease = await rig.admin.find<Lease>({
        kind: "Lease",
        metadata: { namespace: "kube-system", name: "kured" },
      });
      const pods = await rig.admin.list<PodObject>({ kind: "Pod", namespace: "kube-system" });
      const leads = ({ metadata }: PodObject): boolean =>
        [metadata.name, metadata.uid].some(
          (id) => id !== undefined && lease?.spec.holderIdentity?.includes(id) === true,
        );
      return pods.find(leads)?.spec.nodeName;
    },
    { signal },
  );
}

test("the node of the coordinator that leads is rebooted last, and meanwhile another one leads and finishes the work", async () => {
  await install(rig, { signal });
  const leader = await leadersNode();
  const before = await bootIds(rig);
  const fleet = await watchFleet(rig);
  // Were its own node the only one that needs a reboot, it would go at once.
  await requireReboot(rig, [...rig.nodes.filter((name) => name !== leader), leader]);
  await untilRebooted(rig, { before, signal });
  await fleet.stop();
  assert.equal(fleet.cordoned().length, rig.nodes.length);
  assert.equal(fleet.cordoned().at(-1), leader);
  assert.equal(fleet.mostAway(), 1, "nodes that were away at once");
  assert.notEqual(await leadersNode(), leader);
});

test("a cluster of one node: it is drained, rebooted and given back by a coordinator that goes down with it", async () => {
  const others = ["n2", "n3"];
  for (const name of others) await rig.machine(name).crash();
  for (const name of others) {
    await rig.admin.delete({ kind: "Node", metadata: { name } });
  }
  await install(rig, { wait: false, signal });
  assert.equal(await leadersNode(), "n1");
  const before = await bootIds(rig);
  const boots = await rig.machine("n1").boots();
  await requireReboot(rig, ["n1"]);
  await untilRebooted(rig, { before, nodes: ["n1"], signal });
  assert.equal(await rig.machine("n1").boots(), boots + 1);
});
