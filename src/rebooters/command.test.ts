import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { machineClock } from "../host/clock.ts";
import { machineCommands } from "../host/commands.ts";
import { startUnsharedHost } from "../host/unshared.ts";
import type { UnsharedHost } from "../host/unshared.ts";
import type { Commands } from "../ports/commands.ts";
import { commandRebooter } from "./command.ts";
import type { Rebooter } from "./rebooter.ts";
import { shutdownPending } from "./shutdown.ts";

const clock = machineClock();
const { signal } = new AbortController();
const lines: string[] = [];

let host: UnsharedHost;
before(async () => {
  host = await startUnsharedHost({
    clock,
    // Stand-ins on the host alone: its folder of programs, and what systemd leaves for a scheduled shutdown.
    mounts: `mount -t tmpfs run /run; mkdir -p /run/systemd/shutdown`,
  });
});
after(() => host.stop());

function rebooter(
  words: readonly [string, ...string[]],
  { commands, timeoutMs = 10_000 }: { readonly commands?: Commands; readonly timeoutMs?: number } = {},
): Rebooter {
  return commandRebooter(words, {
    commands: commands ?? host.container,
    log: { write: (level, message) => lines.push(`${level} ${message}`) },
    timeoutMs,
    searchPath: `${host.folder}:/usr/bin`,
  });
}

async function putProgram(name: string, script: string): Promise<void> {
  await writeFile(join(host.seenFolder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(host.seenFolder, name), 0o755);
}

test("a reboot command is announced and confirmed in kured's words", async () => {
  lines.length = 0;
  await rebooter(["sh", "-c", "echo out; echo err >&2"]).reboot({ signal });
  const argv = "/usr/bin/nsenter -m/proc/1/ns/mnt -- sh -c echo out; echo err >&2";
  assert.deepEqual(lines, [
    `info Invoking command: [${argv}]`,
    `info Invoked reboot commandcmd${argv}stdoutout\nstderrerr\n`,
  ]);
});

test("a reboot command that fails has kured's reason with both outputs", async () => {
  assert.deepEqual(await rebooter(["sh", "-c", "echo held; echo by inhibitor >&2; exit 4"]).reboot({ signal }), {
    kind: "failed",
    reason:
      "error invoking reboot command [/usr/bin/nsenter -m/proc/1/ns/mnt -- sh -c echo held; echo by inhibitor >&2; exit 4]: exit status 4 (stdout: held\n, stderr: by inhibitor\n)",
  });
});

test("a reboot command that does not come to its end is hung", async () => {
  const result = await rebooter(["sleep", "60"], { timeoutMs: 300 }).reboot({ signal });
  assert.equal(result.kind, "hung");
  if (result.kind === "hung") assert.match(result.reason, /sleep 60\]: no end within 0\.3 s \(stdout: , stderr: \)$/);
});

test("a reboot command that the shutdown itself ends has not failed", async () => {
  for (const name of ["TERM", "KILL", "HUP"]) {
    assert.deepEqual(await rebooter(["sh", "-c", `kill -${name} $$`]).reboot({ signal }), { kind: "interrupted" });
  }
  assert.equal((await rebooter(["sh", "-c", "kill -SEGV $$"]).reboot({ signal })).kind, "failed");
  assert.equal((await rebooter(["sh", "-c", "kill -39 $$"]).reboot({ signal })).kind, "failed");
});

test("a reboot command is interrupted by our own end", async () => {
  const controller = new AbortController();
  const rebooting = rebooter(["sleep", "60"]).reboot({ signal: controller.signal });
  await clock.sleep(50, { signal });
  controller.abort();
  assert.deepEqual(await rebooting, { kind: "interrupted" });
});

test("a program that only the container has, or that is not executable, is missing on the host", async () => {
  await writeFile(join(host.folder, "container-only"), "");
  await chmod(join(host.folder, "container-only"), 0o755);
  await writeFile(join(host.seenFolder, "plain"), "");
  for (const name of ["container-only", "plain"]) {
    const path = join(host.folder, name);
    assert.deepEqual(await rebooter([path, "reboot"]).available({ signal }), {
      kind: "missing",
      reason: `the host has no executable program ${path}`,
    });
  }
});

test("a program without a folder is looked for in PATH on the host", async () => {
  await putProgram("systemctl-stand-in", "exit 0");
  assert.deepEqual(await rebooter(["systemctl-stand-in"]).available({ signal }), { kind: "available" });
  assert.deepEqual(await rebooter(["no-such"]).available({ signal }), {
    kind: "missing",
    reason: `the host has no executable program no-such in any folder of PATH (${host.folder}:/usr/bin)`,
  });
});

test("a host that may not be entered makes every command impossible, and the reason says so", async () => {
  const commands = machineCommands({ clock });
  const drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] as const;
  const locked: Commands = { run: (argv, options) => commands.run([...drop, ...argv], options) };
  const availability = await rebooter(["/bin/true"], { commands: locked }).available({ signal });
  assert.equal(availability.kind, "missing");
  if (availability.kind === "missing") {
    assert.match(availability.reason, /^the host's mount namespace cannot be entered: .*denied/);
  }
});

test("a shutdown is pending when systemd says so or one is scheduled, and only proof makes it not pending", async () => {
  const commands = withPath(host);
  assert.equal(await shutdownPending({ commands, signal }), "unknown");
  const answers = { stopping: "yes", running: "no", degraded: "no", starting: "no", offline: "unknown", "": "unknown" };
  for (const [word, answer] of Object.entries(answers)) {
    await putProgram("systemctl", `echo ${word}; exit 1`);
    assert.equal(await shutdownPending({ commands, signal }), answer, word);
  }
  await putProgram("systemctl", "echo running");
  const scheduled = `/proc/${host.initPid}/root/run/systemd/shutdown/scheduled`;
  await writeFile(scheduled, "USEC=1\n");
  assert.equal(await shutdownPending({ commands, signal }), "yes");
});

/** The container's commands with the host's stand-ins for programs first in PATH. */
function withPath({ container, folder }: UnsharedHost): Commands {
  const path = `PATH=${folder}:/usr/bin`;
  return { run: (argv, options) => container.run(["/usr/bin/env", path, ...argv], options) };
}
