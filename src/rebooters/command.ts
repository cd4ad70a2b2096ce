import { inHostMounts } from "../core/host/mount-namespace.ts";
import type { CommandEnd, Commands } from "../ports/commands.ts";
import type { Log } from "../ports/log.ts";
import { findOnHost } from "./host-program.ts";
import type { Rebooter, RebootResult } from "./rebooter.ts";

/** What `commandRebooter` is made of. */
export interface CommandRebooterParts {
  readonly commands: Commands;
  readonly log: Log;
  /** After this long the command is stopped. */
  readonly timeoutMs: number;
  /** Where a program without a slash is looked for on the host: our own PATH, as nsenter does. */
  readonly searchPath: string;
}

/** A command in the host's mount namespace, run without a shell (`--reboot-command`). */
export function commandRebooter(
  words: readonly [string, ...string[]],
  { commands, log, timeoutMs, searchPath }: CommandRebooterParts,
): Rebooter {
  const argv = inHostMounts(words);
  return {
    describe: () => `Reboot command: ${words.join(" ")}`,
    available: ({ signal }) => findOnHost(words[0], { commands, searchPath, signal }),
    async reboot({ signal }) {
      if (signal.aborted) return { kind: "interrupted" };
      log.write("info", `Invoking command: [${argv.join(" ")}]`);
      try {
        const end = await commands.run(argv, { timeoutMs, signal });
        if (end.kind === "exited" && end.code === 0) {
          log.write("info", `Invoked reboot commandcmd${argv.join(" ")}stdout${end.stdout}stderr${end.stderr}`);
        }
        return resultOf(end, argv);
      } catch (error) {
        if (signal.aborted) return { kind: "interrupted" };
        return { kind: "failed", reason: `error invoking reboot command [${argv.join(" ")}]: ${String(error)}` };
      }
    },
  };
}

/** A shutdown ends everything that runs with these; any other signal is a fault of the command. */
const shutdownSignals: readonly string[] = ["SIGTERM", "SIGHUP", "SIGINT", "SIGKILL"];

function resultOf(end: CommandEnd, argv: readonly string[]): RebootResult {
  switch (end.kind) {
    case "exited":
      return end.code === 0 ? { kind: "accepted" } : { kind: "failed", reason: kuredReason(end, argv) };
    case "signalled":
      if (shutdownSignals.includes(end.signal)) return { kind: "interrupted" };
      return { kind: "failed", reason: kuredReason(end, argv) };
    case "timedOut":
      return { kind: "hung", reason: kuredReason(end, argv) };
    case "notStarted":
      return { kind: "failed", reason: kuredReason(end, argv) };
  }
}

function kuredReason(end: CommandEnd, argv: readonly string[]): string {
  const { stdout, stderr } = end.kind === "notStarted" ? { stdout: "", stderr: "" } : end;
  const output = `(stdout: ${stdout}, stderr: ${stderr})`;
  return `error invoking reboot command [${argv.join(" ")}]: ${causeOf(end)} ${output}`;
}

function causeOf(end: CommandEnd): string {
  switch (end.kind) {
    case "exited":
      return `exit status ${end.code}`;
    case "signalled":
      return `signal: ${end.signal}`;
    case "timedOut":
      return `no end within ${end.afterMs / 1000} s`;
    case "notStarted":
      return end.reason;
  }
}
