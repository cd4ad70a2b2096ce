import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Daemon } from "../controlplane/daemon.ts";
import { waitFor } from "../controlplane/waits.ts";
import { logLines } from "./program.ts";
import { annotationOf, onStand, type Stand } from "./stand.ts";

const ending = new AbortController();
const { signal } = ending;
after(() => ending.abort(new Error("The suite is over")));

describe("a whole reboot against an in-memory cluster", { concurrency: 4 }, () => {
  test("classic: two nodes are drained, rebooted and given back, one after the other", async () => {
    await onStand({ nodes: ["n1", "n2"], signal }, async (stand) => {
      stand.cluster.addWorkload("web", { replicas: 2, budget: { minAvailable: 1 } });
      const daemons = await Promise.all(["n1", "n2"].map((node) => stand.startClassic(node)));
      for (const node of ["n1", "n2"]) await stand.host(node).requireReboot();
      for (const node of ["n1", "n2"]) await stand.untilRebooted(node);
      await assertOnce(stand, { daemons });
      for (const daemon of daemons) logLines(allText(daemon));
    });
  });

  test("coordinated: two nodes are drained, rebooted and given back, one after the other", async () => {
    await onStand({ nodes: ["n1", "n2"], signal }, async (stand) => {
      stand.cluster.addWorkload("web", { replicas: 2, budget: { minAvailable: 1 } });
      const coordinator = await stand.startCoordinator();
      const daemons = await Promise.all(["n1", "n2"].map((node) => stand.startAgent(node)));
      for (const node of ["n1", "n2"]) await stand.host(node).requireReboot();
      for (const node of ["n1", "n2"]) await stand.untilRebooted(node);
      await assertOnce(stand, { daemons });
      for (const daemon of [coordinator, ...daemons]) logLines(allText(daemon));
      assert.equal(coordinator.runs(), 1);
    });
  });

  test("the log in JSON is JSON from the first line to the last, through a whole reboot", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      const daemon = await stand.startClassic("n1", { args: ["--log-format=json"] });
      await stand.host("n1").requireReboot();
      await stand.untilRebooted("n1");
      daemon.kill("SIGTERM");
      await daemon.exited();
      const entries = daemon.lines().map(({ text }) => JSON.parse(text) as Record<string, unknown>);
      assert.ok(entries.length > 20);
      for (const entry of entries) {
        assert.equal(typeof entry["level"], "string");
        assert.equal(typeof entry["msg"], "string");
        assert.match(String(entry["time"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/);
      }
    });
  });

  const compositions: Readonly<Record<string, (stand: Stand) => Promise<readonly Daemon[]>>> = {
    classic: async (stand) => [await stand.startClassic("n1")],
    coordinated: async (stand) => [
      await stand.startCoordinator({ args: ["--drain-feasibility=warn"] }),
      await stand.startAgent("n1"),
    ],
  };
  for (const [mode, start] of Object.entries(compositions)) {
    test(`${mode}: SIGTERM in the middle of a drain ends all within seconds with exit 0, and the next start carries on`, async () => {
      await onStand({ nodes: ["n1"], signal }, async (stand) => {
        stand.cluster.addWorkload("web", { replicas: 1, budget: { minAvailable: 1 } });
        const daemons = await start(stand);
        await stand.host("n1").requireReboot();
        await untilPhase(stand, "draining");
        const stoppedAtMs = Date.now();
        const ends = daemons.map((daemon) => daemon.exited());
        for (const daemon of daemons) daemon.kill("SIGTERM");
        for (const end of await Promise.all(ends)) assert.deepEqual(end, { run: 1, code: 0 });
        assert.ok(Date.now() - stoppedAtMs < 5_000, `${Date.now() - stoppedAtMs} ms`);
        assert.match(phaseOf(stand), /draining/, "nothing was undone");
        stand.cluster.admin.remove("/apis/policy/v1/namespaces/default/poddisruptionbudgets/web");
        await stand.untilRebooted("n1");
        assert.equal((await stand.host("n1").reboots()).length, 1);
      });
    });

    test(`${mode}: SIGTERM ends all within seconds, too, while the API server says nothing at all`, async () => {
      await onStand({ nodes: ["n1"], signal }, async (stand) => {
        stand.cluster.addWorkload("web", { replicas: 1, budget: { minAvailable: 1 } });
        const daemons = await start(stand);
        await stand.host("n1").requireReboot();
        await untilPhase(stand, "draining");
        stand.meet(() => ({ kind: "silent" }));
        await sleep(1_500);
        const stoppedAtMs = Date.now();
        const ends = daemons.map((daemon) => daemon.exited());
        for (const daemon of daemons) daemon.kill("SIGTERM");
        for (const end of await Promise.all(ends)) assert.deepEqual(end, { run: 1, code: 0 });
        assert.ok(Date.now() - stoppedAtMs < 8_000, `${Date.now() - stoppedAtMs} ms`);
      });
    });
  }
});

async function assertOnce(stand: Stand, { daemons }: { readonly daemons: readonly Daemon[] }): Promise<void> {
  for (const node of ["n1", "n2"]) {
    assert.equal((await stand.host(node).reboots()).length, 1, `calls of the reboot command on ${node}`);
    assert.equal(stand.host(node).boots(), 2, `boots of ${node}`);
  }
  for (const daemon of daemons) assert.equal(daemon.runs(), 2);
}

function allText(daemon: Daemon): string {
  return daemon
    .lines()
    .map(({ text }) => `${text}\n`)
    .join("");
}

function phaseOf(stand: Stand): string {
  return annotationOf(stand.node("n1"), "kured.dev/maintenance") ?? "";
}

async function untilPhase(stand: Stand, phase: string): Promise<void> {
  await waitFor(`n1 to be ${phase}`, () => Promise.resolve(phaseOf(stand).includes(`"${phase}"`)), { signal });
}
