import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { annotationOf, daemonSetPath, onStand } from "./stand.ts";

// What readers of published articles type, and what they expect of it.

const ending = new AbortController();
const { signal } = ending;
after(() => ending.abort(new Error("The suite is over")));

describe("what articles tell people to do", { concurrency: 3 }, () => {
  test("the sentinel command of the home-lab article works as printed, and a missing tool reboots nothing", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      const host = stand.host("n1");
      const printed = `--reboot-sentinel-command='sh -c "! needs-restarting --reboothint"'`;
      const daemon = await stand.startClassic("n1", { args: [printed, "--period=1s"] });
      await daemon.waitForLine(/sentinel command ended with unexpected exit code: 0cmd.*needs-restarting/);
      await sleep(1_500, undefined, { signal });
      assert.deepEqual(await host.reboots(), []);
      const tool = join(host.binFolder, "needs-restarting");
      const answer = join(host.folder, "answer");
      await writeFile(answer, "0");
      await writeFile(tool, `#!/bin/sh\nexit $(cat ${answer})\n`);
      await chmod(tool, 0o755);
      await daemon.waitForLine(/Reboot not required/);
      host.onBoot(() => writeFile(answer, "0"));
      await writeFile(answer, "1");
      await stand.untilRebooted("n1");
      assert.equal((await host.reboots()).length, 1);
    });
  });

  test("two pools with a DaemonSet each have a lock each", async () => {
    await onStand({ nodes: ["n1", "n2"], signal }, async (stand) => {
      stand.cluster.addDaemonSet("pool-b", { namespace: "kube-system" });
      stand.annotate(daemonSetPath, { "weave.works/kured-node-lock": '{"nodeID":"manual"}' });
      for (const node of ["n1", "n2"]) await stand.host(node).requireReboot();
      const first = await stand.startClassic("n1", { args: ["--period=1s"] });
      await stand.startClassic("n2", { args: ["--period=1s", "--ds-name=pool-b"] });
      await first.waitForLine(/Lock already held: manual/);
      await stand.host("n2").untilBooted(2);
      assert.deepEqual(await stand.host("n1").reboots(), []);
      stand.annotate(daemonSetPath, { "weave.works/kured-node-lock": null });
      for (const node of ["n1", "n2"]) await stand.untilRebooted(node);
      assert.equal(annotationOf(stand.node("n1"), "kured.dev/maintenance"), undefined);
      for (const node of ["n1", "n2"]) assert.equal((await stand.host(node).reboots()).length, 1, node);
    });
  });

  test("with the signal manifest's argument PID 1 of the node gets SIGRTMIN+5 once, and the node is given back", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      await stand.host("n1").requireReboot();
      const daemon = await stand.startClassic("n1", { args: ["--reboot-method=signal"] });
      await stand.untilRebooted("n1");
      const signals = (await stand.host("n1").signals()).map(({ what }) => what);
      assert.deepEqual(signals, ["RTMIN+5"]);
      assert.deepEqual([(await stand.host("n1").reboots()).length, stand.host("n1").boots()], [1, 2]);
      const text = daemon.lines().map((line) => line.text);
      for (const said of [
        "Reboot method: signal",
        "Reboot signal: 39",
        "Triggering reboot for node n1",
        "Holding lock",
      ])
        assert.ok(
          text.some((line) => line.includes(said)),
          said,
        );
    });
  });

  test("a reboot command that the node does not have is named as the reason before anything is touched", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      await stand.host("n1").requireReboot();
      const args = ["--reboot-command=/sbin/no-systemctl reboot", "--period=1s"];
      const daemon = await stand.startClassic("n1", { args });
      await daemon.waitForLine(/n1: .*the host has no executable program \/sbin\/no-systemctl/);
      await sleep(1_500, undefined, { signal });
      assert.equal(JSON.stringify(stand.node("n1")).includes("unschedulable"), false);
      assert.equal(daemon.lines().filter(({ text }) => text.includes("Acquired reboot lock")).length, 0);
    });
  });
});
