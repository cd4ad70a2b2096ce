import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  assertNoReboot,
  assertOneReboot,
  blockDrain,
  modes,
  onOneNode,
  openBudget,
  setCordon,
  untilDrainStands,
  untilOver,
  untilPhase,
  untilVerdict,
} from "../cases/one-node.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";

const { cluster, signal } = await suiteCluster();

describe("what was given back without a reboot", { concurrency: 4 }, () => {
  for (const mode of modes) {
    test(`${mode}: has its turn again when the pause that ended it is over`, () =>
      onOneNode(
        { cluster, mode, name: "again", signal, flags: ["--drain-delay=3s"] },
        {
          work: async (one) => {
            await one.host.requireReboot();
            await untilPhase(one, "claimed");
            await one.site.annotateNode(one.node, { "kured.dev/pause": "not now" });
            await untilPhase(one, "closing");
            // The record goes when no request that could still take the lock can be under way.
            await untilPhase(one, undefined);
            assert.match(await untilVerdict(one, "Paused"), /not now/);
            await sleep(2_000);
            await assertNoReboot(one);
            await one.site.annotateNode(one.node, { "kured.dev/pause": null });
            await untilOver(one);
            await assertOneReboot(one);
          },
        },
      ));
  }

  test("classic: is tried again a period after a person took its cordon away, and not before", () =>
    onOneNode(
      { cluster, mode: "classic", name: "period", signal },
      {
        prepare: blockDrain,
        work: async (one) => {
          await one.host.requireReboot();
          await untilDrainStands(one);
          await setCordon(one, false);
          await untilVerdict(one, "Resting");
          const givenBackAtMs = Date.now();
          await openBudget(one.site, one.node);
          await sleep(40_000);
          await assertNoReboot(one);
          await untilOver(one);
          await assertOneReboot(one);
          const afterMs = ((await one.host.reboots())[0]?.atMs ?? 0) - givenBackAtMs;
          assert.ok(afterMs > 50_000, `rebooted ${afterMs} ms after it was given back`);
        },
      },
    ));
});
