import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Rig } from "../rig.ts";
import { watchFleet } from "./fleet.ts";
import { assertOneBoot, bootCounts, bootIds, requireReboot, untilRebooted } from "./reboots.ts";
import { startApplication } from "./workload.ts";

/**
 * An application of three pods, two of which must be there, and n2 needs a reboot: it has one, nobody else is rebooted
 * or cordoned, and two pods are there all the time. `settleMs` after it is back it is looked whether there was a
 * second.
 */
export async function assertRebootedInPeace(
  rig: Rig,
  { settleMs = 0, signal }: { readonly settleMs?: number; readonly signal: AbortSignal },
): Promise<void> {
  await startApplication(rig, { replicas: 3, minAvailable: 2, signal });
  const before = await bootIds(rig);
  const boots = await bootCounts(rig);
  const fleet = await watchFleet(rig);
  await requireReboot(rig, ["n2"]);
  await untilRebooted(rig, { before, nodes: ["n2"], signal });
  await sleep(settleMs, undefined, { signal });
  await fleet.stop();
  await assertOneBoot(rig, boots);
  assert.deepEqual(fleet.cordoned(), ["n2"]);
  assert.ok(fleet.fewest("web") >= 2, `only ${fleet.fewest("web")} pods were available`);
}
