import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { machineClock } from "../host/clock.ts";
import { machineCommands } from "../host/commands.ts";
import { machineFiles } from "../host/files.ts";
import { startUnsharedHost } from "../host/unshared.ts";
import type { UnsharedHost } from "../host/unshared.ts";
import { sentinelFor } from "./registry.ts";
import type { SentinelOptions, SentinelParts } from "./registry.ts";
import type { Sentinel } from "./sentinel.ts";

/** How every kind of sentinel is brought into each state that it can report. */
interface Subject {
  /** The sentinel and how to make this host need a reboot, or not. */
  build(scene: Scene): { readonly sentinel: Sentinel; need(required: boolean): Promise<unknown> };
  /** The same kind of sentinel, which cannot find out. */
  blind(scene: Scene): Sentinel;
}

interface Scene {
  readonly host: UnsharedHost;
  /** The host's files and commands as a container without mounts from it has them. */
  readonly parts: SentinelParts;
  /** Without any way into the host, as in an unprivileged container. */
  readonly locked: SentinelParts;
}

const clock = machineClock();
const files = machineFiles({ clock });
const timeoutMs = 20_000;

const subjects: Readonly<Record<SentinelOptions["kind"], Subject>> = {
  file: {
    build({ host, parts }) {
      const path = join(host.seenFolder, "file");
      return { sentinel: sentinelFor({ kind: "file", path }, parts), need: (required) => put(path, required) };
    },
    blind: ({ parts }) => sentinelFor({ kind: "file", path: `/tmp/${"n".repeat(300)}` }, parts),
  },
  hostFile: {
    build({ host, parts }) {
      const path = join(host.folder, "host-file");
      return {
        sentinel: sentinelFor({ kind: "hostFile", path }, parts),
        need: (required) => put(join(host.seenFolder, "host-file"), required),
      };
    },
    blind: ({ host, locked }) => sentinelFor({ kind: "hostFile", path: join(host.folder, "x") }, locked),
  },
  anywhereFile: {
    build({ host, parts }) {
      const path = join(host.folder, "anywhere");
      return {
        sentinel: sentinelFor({ kind: "anywhereFile", path }, parts),
        need: (required) => put(join(host.seenFolder, "anywhere"), required),
      };
    },
    blind: ({ host, locked }) => sentinelFor({ kind: "anywhereFile", path: join(host.folder, "x") }, locked),
  },
  command: {
    build({ host, parts }) {
      const words = ["test", "-e", join(host.folder, "command")] as const;
      return {
        sentinel: sentinelFor({ kind: "command", words, timeoutMs }, parts),
        need: (required) => put(join(host.seenFolder, "command"), required),
      };
    },
    blind: ({ locked }) => sentinelFor({ kind: "command", words: ["true"], timeoutMs }, locked),
  },
};

let scene: Scene;
before(async () => {
  const host = await startUnsharedHost({ clock });
  const locked = { files, commands: lockedCommands() };
  scene = { host, parts: { files, commands: host.container }, locked };
});
after(() => scene.host.stop());

for (const [kind, subject] of Object.entries(subjects)) {
  const { signal } = new AbortController();

  test(`${kind}: a need that comes and goes is seen both times, with evidence`, async () => {
    const { sentinel, need } = subject.build(scene);
    for (const required of [false, true, false, true]) {
      await need(required);
      const reading = await sentinel.check({ signal });
      assert.equal(reading.need, required ? "required" : "notRequired", reading.evidence);
      assert.ok(reading.evidence.length > 10);
    }
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  test(`${kind}: what cannot be found out is unknown, never an answer, and is worth a line in the log`, async () => {
    const reading = await subject.blind(scene).check({ signal });
    assert.equal(reading.need, "unknown", reading.evidence);
    assert.equal(reading.log.length, 1);
    assert.match(reading.log[0]?.level ?? "", /^(warning|error)$/);
  });

  test(`${kind}: an abort ends a look with its reason`, async () => {
    const reason = new Error("SIGTERM");
    const aborted = AbortSignal.abort(reason);
    await assert.rejects(subject.build(scene).sentinel.check({ signal: aborted }), (error) => error === reason);
  });

  test(`${kind}: it describes itself in kured's words`, () => {
    assert.match(subject.build(scene).sentinel.describe(), /^Sentinel checker is \((un)?privileged\) /);
  });

  test(`${kind}: a watch ends with its signal`, async () => {
    const { sentinel, need } = subject.build(scene);
    const controller = new AbortController();
    let calls = 0;
    sentinel.watch?.({ changed: () => calls++, signal: controller.signal });
    controller.abort();
    await need(true);
    await clock.sleep(50, { signal });
    assert.equal(calls, 0);
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  });
}

async function put(path: string, there: boolean): Promise<void> {
  await (there ? writeFile(path, "") : rm(path, { force: true }));
}

/** Commands as a container without privileges has them: nsenter is refused and ends with 1. */
function lockedCommands(): SentinelParts["commands"] {
  const commands = machineCommands({ clock });
  const drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] as const;
  return { run: (argv, options) => commands.run([...drop, ...argv], options) };
}
