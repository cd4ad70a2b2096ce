import { inHostMounts, nsenterRefusal } from "../core/host/mount-namespace.ts";
import type { CommandEnd, Commands } from "../ports/commands.ts";
import type { Files } from "../ports/files.ts";
import { parentOf } from "./path.ts";
import type { Sentinel, SentinelReading } from "./sentinel.ts";

const timeoutMs = 30_000;

/** What the sentinel on the host is looked at with. */
export interface HostFileParts {
  readonly commands: Commands;
  readonly files: Files;
}

/**
 * A file of the host, looked up with `test -e` in the host's mount namespace: for manifests that mount no sentinel,
 * as those of kured up to 1.14 and their many copies. Needs hostPID and a privileged container.
 */
export function hostFileSentinel(path: string, { commands, files }: HostFileParts): Sentinel {
  return {
    describe: () => `Sentinel checker is (privileged) testing for the presence of: ${path} on the host`,
    async check({ signal }) {
      const test = (flag: string, what: string): Promise<CommandEnd> =>
        commands.run(inHostMounts(["test", flag, what]), { timeoutMs, signal });
      const end = await test("-e", path);
      const found = answerOf(end);
      if (found === undefined) return unknown(path, end);
      if (found) return { need: "required", evidence: `${path} exists on the host`, log: [] };
      return absent(path, answerOf(await test("-d", parentOf(path))));
    },
    watch({ changed, signal }) {
      // Only a hint to look again: absolute links on the way lead to our own files, hence the folder's usual target,
      // and Bun's watch follows PID 1's root out of the host and so tells nothing.
      for (const name of new Set([path, path.replace(/^\/var\/run\//, "/run/")])) {
        files.watch(`/proc/1/root${name}`, { changed, signal });
      }
    },
  };
}

/** The answer of `test`; `undefined` when it gave none. It says nothing on stderr, nsenter does. */
function answerOf(end: CommandEnd): boolean | undefined {
  if (end.kind !== "exited" || end.stderr !== "") return undefined;
  if (end.code === 0) return true;
  return end.code === 1 ? false : undefined;
}

function absent(path: string, folderExists: boolean | undefined): SentinelReading {
  if (folderExists !== false) {
    return { need: "notRequired", evidence: `${path} does not exist on the host`, log: [] };
  }
  const evidence = `${path} does not exist on the host, nor does its folder`;
  return { need: "notRequired", evidence, log: [{ level: "warning", message: `Sentinel ${evidence}` }] };
}

function unknown(path: string, end: CommandEnd): SentinelReading {
  const evidence = `${path} cannot be looked up on the host: ${failureOf(end)}`;
  return { need: "unknown", evidence, log: [{ level: "warning", message: `Sentinel ${evidence}` }] };
}

function failureOf(end: CommandEnd): string {
  switch (end.kind) {
    case "notStarted":
      return end.reason;
    case "timedOut":
      return `no answer within ${end.afterMs / 1000} s`;
    case "signalled":
      return `the look was ended by ${end.signal}`;
    case "exited":
      return nsenterRefusal(end.stderr) ?? (end.stderr.trim() || `exit code ${end.code}`);
  }
}
