import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { watchFleet } from "../stand/fleet.ts";
import { install } from "../stand/install.ts";
import { assertOneBoot, bootCounts, bootIds, requireReboot, untilRebooted } from "../stand/reboots.ts";
import { suiteRig } from "../stand/suite.ts";
import { untilPhase, untilVerdict } from "../stand/told.ts";
import { startApplication } from "../stand/workload.ts";

const { rig, signal } = await suiteRig();

/** Types what people type, on the machine itself; nobody is asked. */
async function rebootByHand(node: string): Promise<void> {
  await rig.machine(node).exec(["systemctl", "reboot"]);
}

/** Nothing more happens to n2, which has booted once, and nothing has happened to the others. */
async function assertNoMoreBoots(boots: readonly number[]): Promise<void> {
  await sleep(3_000); // A second reboot would begin now.
  await assertOneBoot(rig, boots);
}

test("a machine that a person reboots while nothing is going on is left alone, and served afterwards as ever", async () => {
  await install(rig, { signal });
  const before = await bootIds(rig);
  const boots = await bootCounts(rig);
  const fleet = await watchFleet(rig);
  await rebootByHand("n2");
  await untilRebooted(rig, { before, nodes: ["n2"], signal });
  await assertNoMoreBoots(boots);
  await fleet.stop();
  assert.deepEqual(fleet.cordoned(), []);

  const again = await bootIds(rig);
  await requireReboot(rig, ["n2"]);
  await untilRebooted(rig, { before: again, nodes: ["n2"], signal });
});

test("a person reboots a machine that needs it, for another reason, before its turn: its turn does not come", async () => {
  await install(rig, { signal });
  await rig.admin.patch(
    { kind: "Node", metadata: { name: "n2" } },
    { metadata: { annotations: { "kured.dev/pause": "{}" } } },
  );
  const before = await bootIds(rig);
  const boots = await bootCounts(rig);
  await requireReboot(rig, ["n2"]);
  await untilVerdict(rig, { node: "n2", code: "Paused", signal });
  await rebootByHand("n2");
  await untilRebooted(rig, { before, nodes: ["n2"], signal });
  await rig.admin.patch(
    { kind: "Node", metadata: { name: "n2" } },
    { metadata: { annotations: { "kured.dev/pause": null } } },
  );
  await assertNoMoreBoots(boots);
});

for (const mode of ["coordinated", "classic"] as const) {
  test(`${mode}: a machine that a person reboots in mid-drain counts as rebooted and is given back`, async () => {
    await install(rig, { mode, signal });
    await startApplication(rig, { replicas: 3, endsAfter: 10, signal });
    const before = await bootIds(rig);
    const boots = await bootCounts(rig);
    await requireReboot(rig, ["n2"]);
    await untilPhase(rig, { node: "n2", phase: "draining", signal });
    await rebootByHand("n2");
    await untilRebooted(rig, { before, nodes: ["n2"], signal });
    await assertNoMoreBoots(boots);
  });
}

test("a machine that a person reboots after the approval, while the reboot command still runs, is rebooted once", async () => {
  const set = { "configuration.rebootCommand": "/bin/sh -c 'sleep 5; systemctl reboot'" };
  await install(rig, { set, signal });
  const before = await bootIds(rig);
  const boots = await bootCounts(rig);
  await requireReboot(rig, ["n2"]);
  await untilPhase(rig, { node: "n2", phase: "rebooting", signal });
  await rebootByHand("n2");
  await untilRebooted(rig, { before, nodes: ["n2"], signal });
  await assertNoMoreBoots(boots);
});
