import assert from "node:assert/strict";
import test from "node:test";
import { watchFleet } from "../stand/fleet.ts";
import { install } from "../stand/install.ts";
import { bootCounts, bootIds, requireReboot, untilRebooted } from "../stand/reboots.ts";
import { suiteRig } from "../stand/suite.ts";
import { startApplication } from "../stand/workload.ts";

const { rig, signal } = await suiteRig();

for (const mode of ["coordinated", "classic"] as const) {
  test(`${mode}: all three nodes need a reboot, and get it one after the other while the application keeps its budget`, async () => {
    await install(rig, { mode, signal });
    await startApplication(rig, { replicas: 6, minAvailable: 4, signal });
    const before = await bootIds(rig);
    const boots = await bootCounts(rig);
    const fleet = await watchFleet(rig);
    await requireReboot(rig);
    await untilRebooted(rig, { before, signal });
    await fleet.stop();

    assert.deepEqual(
      await bootCounts(rig),
      boots.map((count) => count + 1),
    );
    assert.deepEqual(fleet.cordoned().toSorted(), rig.nodes);
    assert.equal(fleet.mostAway(), 1, "nodes that were away at once");
    assert.ok(fleet.fewest("web") >= 4, `only ${fleet.fewest("web")} pods were available`);
    assert.deepEqual(fleet.undrained("web"), [], "pods that were there when their machine went down");
    for (const node of rig.nodes) {
      const states = fleet.states(node);
      assert.equal(states[0], "Ready");
      assert.equal(states[1], "Ready,SchedulingDisabled");
      assert.equal(states.at(-1), "Ready");
    }
  });
}
