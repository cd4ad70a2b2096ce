import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../ports/clock.ts";
import type { Commands } from "../ports/commands.ts";
import { machineCommands } from "./commands.ts";

/** A stand-in for a host and a container on it, for tests: the machine's own PID 1 is never touched. */
export interface UnsharedHost {
  /** A folder whose content on the host is not the container's; both know it by this path. */
  readonly folder: string;
  /** The same folder of the host, as the test sees it. */
  readonly seenFolder: string;
  /** The host's PID 1, by the number that it has outside. */
  readonly initPid: number;
  /** Runs commands as the container would: in the host's PID namespace, with mounts of its own. */
  readonly container: Commands;
  /** Runs commands with the host's own mounts. */
  readonly host: Commands;
  stop(): Promise<void>;
}

/**
 * Starts a PID namespace whose PID 1 is a shell with mounts of its own. Needs root and util-linux.
 * `mounts` is a shell script that PID 1 runs first; `$1` is `folder`.
 */
export async function startUnsharedHost({
  clock,
  mounts = "",
}: {
  readonly clock: Clock;
  readonly mounts?: string;
}): Promise<UnsharedHost> {
  const folder = await mkdtemp(join(tmpdir(), "kured-host-"));
  const script = `mount -t tmpfs host "$1"\n${mounts}\necho ready\nwhile :; do sleep 1000 & wait $! || :; done`;
  const namespaces = ["--pid", "--fork", "--kill-child", "--mount", "--mount-proc"];
  const unshare = spawn("unshare", [...namespaces, "/bin/sh", "-ec", script, "init", folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(unshare, "exit");
  await ready(unshare);
  const init = (await readFile(`/proc/${unshare.pid}/task/${unshare.pid}/children`, "utf8")).trim();
  const enter = ["/usr/bin/nsenter", "--target", init, "--pid", "--mount", "--"] as const;
  const contain = ["unshare", "--mount", "/bin/sh", "-c", 'umount "$0" && exec "$@"', folder] as const;
  const commands = machineCommands({ clock });
  return {
    folder,
    initPid: Number(init),
    seenFolder: `/proc/${init}/root${folder}`,
    container: { run: (argv, options) => commands.run([...enter, ...contain, ...argv], options) },
    host: { run: (argv, options) => commands.run([...enter, ...argv], options) },
    async stop() {
      unshare.kill("SIGKILL");
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

async function ready(unshare: ChildProcess): Promise<void> {
  const failed = once(unshare, "exit").then(() => {
    throw new Error("no namespaces could be made: this needs root, unshare and mount");
  });
  await Promise.race([once(unshare.stdout ?? unshare, "data"), failed]);
  failed.catch(() => undefined);
}
