import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { access, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { machineClock } from "../host/clock.ts";
import { startUnsharedHost } from "../host/unshared.ts";
import type { UnsharedHost } from "../host/unshared.ts";
import type { Host } from "../ports/host.ts";
import type { Rebooter } from "./rebooter.ts";
import { rebooterFor } from "./registry.ts";
import type { RebooterOptions, RebooterParts } from "./registry.ts";

/** A rebooter of each kind that leaves the file `rebooted` on the host, and one that cannot work. */
interface Subject {
  readonly working: (scene: Scene) => Rebooter;
  readonly broken: (scene: Scene) => Rebooter;
}

interface Scene {
  readonly host: UnsharedHost;
  readonly parts: RebooterParts;
  readonly lines: string[];
}

const clock = machineClock();
const searchPath = "/usr/bin:/bin";

const subjects: Readonly<Record<RebooterOptions["kind"], Subject>> = {
  command: {
    working: ({ host, parts }) =>
      rebooterFor({ kind: "command", words: ["touch", join(host.folder, "rebooted")], timeoutMs: 20_000 }, parts),
    broken: ({ parts }) =>
      rebooterFor({ kind: "command", words: ["/sbin/no-systemctl", "reboot"], timeoutMs: 20_000 }, parts),
  },
  signal: {
    working: ({ parts }) => rebooterFor({ kind: "signal", signalNumber: 39 }, parts),
    broken: ({ parts }) => rebooterFor({ kind: "signal", signalNumber: 39 }, { ...parts, host: initOf(2 ** 22 - 1) }),
  },
};

let scene: Scene;
before(async () => {
  const host = await startUnsharedHost({ clock, mounts: `trap 'touch "$1/rebooted"' 39` });
  const lines: string[] = [];
  const log = { write: (level: string, message: string) => lines.push(`${level} ${message}`) };
  scene = { host, lines, parts: { commands: host.container, host: initOf(host.initPid), log, searchPath } };
});
after(() => scene.host.stop());

for (const [kind, subject] of Object.entries(subjects)) {
  const { signal } = new AbortController();

  test(`${kind}: one that works says so beforehand, and asking does nothing`, async () => {
    assert.deepEqual(await subject.working(scene).available({ signal }), { kind: "available" });
    assert.equal(await rebooted(100), false);
  });

  test(`${kind}: one that cannot work says why beforehand`, async () => {
    const availability = await subject.broken(scene).available({ signal });
    assert.equal(availability.kind, "missing");
    if (availability.kind === "missing") assert.match(availability.reason, /no-systemctl|ESRCH/);
  });

  test(`${kind}: an accepted reboot has reached the host`, async () => {
    assert.deepEqual(await subject.working(scene).reboot({ signal }), { kind: "accepted" });
    assert.ok(await rebooted(2_000));
    assert.ok(scene.lines.length > 0);
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  test(`${kind}: a refused reboot has a reason`, async () => {
    const result = await subject.broken(scene).reboot({ signal });
    assert.equal(result.kind, "failed");
    if (result.kind === "failed")
      assert.match(result.reason, /^(error invoking reboot command|signal of SIGRTMIN\+5 failed: )/);
  });

  test(`${kind}: after an abort nothing is commanded`, async () => {
    const aborted = AbortSignal.abort(new Error("SIGTERM"));
    assert.deepEqual(await subject.working(scene).reboot({ signal: aborted }), { kind: "interrupted" });
    await assert.rejects(subject.working(scene).available({ signal: aborted }), /SIGTERM/);
    assert.equal(await rebooted(100), false);
  });

  test(`${kind}: it describes itself in kured's words`, () => {
    assert.match(subject.working(scene).describe(), /^Reboot (command|signal): /);
  });
}

/** The host whose PID 1 is this process, which is never the machine's own. */
function initOf(pid: number): Host {
  assert.ok(pid > 1);
  return {
    bootIdentity: () => Promise.resolve({ kernelBootId: "unused" }),
    bootedAtMs: () => Promise.resolve(undefined),
    signalInit: async (signalNumber) => {
      process.kill(pid, signalNumber);
    },
  };
}

/** Whether the host was told to reboot, within this time; forgets it. */
async function rebooted(withinMs: number): Promise<boolean> {
  const mark = join(scene.host.seenFolder, "rebooted");
  const { signal } = new AbortController();
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += 10) {
    const there = await access(mark).then(
      () => true,
      () => false,
    );
    if (there) {
      await rm(mark);
      return true;
    }
    await clock.sleep(10, { signal });
  }
  return false;
}
