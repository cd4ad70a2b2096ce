import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startReceiver } from "../../cases/receiver.ts";
import { waitFor } from "../../controlplane/waits.ts";
import { KEEPER_ADDRESS } from "../keeper/network.ts";
import { watchFleet } from "../stand/fleet.ts";
import { install } from "../stand/install.ts";
import { bootCounts, bootIds, getNode, requireReboot, untilRebooted } from "../stand/reboots.ts";
import { suiteRig } from "../stand/suite.ts";
import { logsOn, untilPhase, untilVerdict } from "../stand/told.ts";
import { startApplication } from "../stand/workload.ts";

const { rig, signal } = await suiteRig();

test("a machine whose firmware takes long is waited for, and then the next one is rebooted", async () => {
  await install(rig, { signal });
  const before = await bootIds(rig);
  await rig.machine("n1").delay(20);
  const fleet = await watchFleet(rig);
  await requireReboot(rig, ["n1", "n2"]);
  await untilRebooted(rig, { before, nodes: ["n1", "n2"], signal });
  await fleet.stop();
  assert.equal(fleet.mostAway(), 1, "nodes that were away at once");
  assert.ok(fleet.states("n1").includes("NotReady,SchedulingDisabled"), fleet.states("n1").join(" → "));
});

test("a machine that does not come back stops the roll-out, people are told, and it goes on once it is back", async () => {
  const receiver = await startReceiver({ address: KEEPER_ADDRESS });
  try {
    const notifyUrl = `generic://${KEEPER_ADDRESS}:${receiver.port}/hook?template=json&disabletls=yes`;
    const set = { "configuration.notifyUrl": notifyUrl, "extraArgs.reboot-deadline": "20s" };
    await install(rig, { set, signal });
    const before = await bootIds(rig);
    await rig.machine("n1").hold();
    await requireReboot(rig, ["n1"]);
    await untilPhase(rig, { node: "n1", phase: "rebooting", signal });
    await requireReboot(rig, ["n2", "n3"]);
    await untilVerdict(rig, { node: "n1", code: "RebootOverdue", signal });
    for (const node of ["n2", "n3"]) {
      assert.match(await untilVerdict(rig, { node, code: "RollOutStopped", signal }), /n1/);
    }
    await waitFor(
      "people to be told",
      () => Promise.resolve(receiver.messages().some((text) => /n1.*not.*back/.test(text))),
      {
        signal,
      },
    );
    await sleep(3_000);
    for (const node of ["n2", "n3"]) assert.notEqual((await getNode(rig, node)).spec?.unschedulable, true);
    await rig.machine("n1").release();
    await untilRebooted(rig, { before, signal });
  } finally {
    await receiver.stop();
  }
});

test("a machine that loses its power while it is drained counts as rebooted and is given back", async () => {
  await install(rig, { signal });
  await startApplication(rig, { replicas: 3, endsAfter: 10, signal });
  const before = await bootIds(rig);
  const boots = await bootCounts(rig);
  await requireReboot(rig, ["n2"]);
  await untilPhase(rig, { node: "n2", phase: "draining", signal });
  await rig.machine("n2").crash();
  await rig.machine("n2").powerOn();
  await untilRebooted(rig, { before, nodes: ["n2"], signal });
  await sleep(3_000); // A second reboot would begin now.
  const [n1 = 0, n2 = 0, n3 = 0] = boots;
  assert.deepEqual(await bootCounts(rig), [n1, n2 + 1, n3]);
  assert.notEqual((await getNode(rig, "n2")).spec?.unschedulable, true);
});

for (const mode of ["coordinated", "classic"] as const) {
  test(`${mode}: a reboot command that the machine does not have is named before anything is drained`, async () => {
    const set = { "configuration.rebootCommand": "/sbin/no-such-program reboot" };
    await install(rig, { mode, set, signal });
    await startApplication(rig, { replicas: 3, signal });
    const fleet = await watchFleet(rig);
    await requireReboot(rig, ["n2"]);
    const named = /no executable program \/sbin\/no-such-program/;
    if (mode === "coordinated") {
      assert.match(await untilVerdict(rig, { node: "n2", code: "CannotReboot", signal }), named);
    } else {
      await waitFor("the reason", async () => named.test(await logsOn(rig, "n2")), { signal, everyMs: 500 });
    }
    await sleep(3_000); // A cordon would come now.
    await fleet.stop();
    assert.deepEqual(fleet.cordoned(), []);
    assert.equal(fleet.fewest("web"), 3);
  });
}
