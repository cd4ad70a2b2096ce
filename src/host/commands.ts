import type { Clock } from "../ports/clock.ts";
import type { CommandEnd, CommandOptions, Commands } from "../ports/commands.ts";
import { startChild } from "./child.ts";
import { findProgram } from "./program.ts";
import { signalName } from "./signal-name.ts";

/**
 * Runs the command it is given and tells file descriptor 3 how that ended. JavaScript runtimes report a child killed
 * by a real-time signal as one that exited with 0 (seen on Node 26 and Bun 1.4), a shell does not. The command itself
 * gets neither descriptor 3 nor 4; what the shell has to say about a killed child is dropped. The traps make the
 * shell outlive the command when the whole group is told to end; unlike ignored signals they are not inherited.
 */
const tellingScript = `trap : HUP INT TERM; exec 4>&2 2>/dev/null; (exec "$@" 2>&4 3>&- 4>&-); echo $? >&3`;

/** What `machineCommands` is made of. */
export interface MachineCommandsOptions {
  readonly clock: Clock;
  readonly shell?: string;
  /** Between SIGTERM and SIGKILL, and once more for a child that the kernel does not let die. */
  readonly graceMs?: number;
}

/**
 * Commands of this machine, each in a process group of its own. Where there is no `shell` they are started without
 * it, and then an exit code of 0 may hide a real-time signal. A command that exits with 128 + n for a signal number n
 * counts as ended by that signal, because shells report their own children in that way. A child that survives SIGKILL,
 * because the kernel holds it, is left behind.
 */
export function machineCommands({ clock, shell = "/bin/sh", graceMs = 5_000 }: MachineCommandsOptions): Commands {
  return {
    async run([name, ...words], options) {
      const [program, teller] = await Promise.all([findProgram(name), findProgram(shell)]);
      options.signal.throwIfAborted();
      if (program.kind === "missing") return { kind: "notStarted", code: program.code, reason: program.reason };
      if (teller.kind === "missing")
        return supervise([program.path, ...words], { ...options, clock, graceMs, tells: false });
      // Found beforehand, so that the shell sees a path and never takes a word for one of its own commands.
      const wrapped = ["-c", tellingScript, teller.path, program.path, ...words];
      return supervise([teller.path, ...wrapped], { ...options, clock, graceMs, tells: true });
    },
  };
}

interface Supervision extends CommandOptions {
  readonly clock: Clock;
  readonly graceMs: number;
  /** Whether the child says on descriptor 3 how the command ended. */
  readonly tells: boolean;
}

async function supervise(
  argv: readonly [string, ...string[]],
  { timeoutMs, graceMs, signal, clock, tells }: Supervision,
): Promise<CommandEnd> {
  const child = startChild(argv, { clock, tells });
  const brake = child.stopAfter(timeoutMs, { signal, graceMs });
  const end = await child.ended;
  brake.clear();
  signal.throwIfAborted();
  if (end.kind === "notStarted") return end;
  const { stdout, stderr, told, code } = end;
  if (brake.timedOut()) return { kind: "timedOut", afterMs: timeoutMs, stdout, stderr };
  if (end.signal !== undefined) return { kind: "signalled", signal: end.signal, stdout, stderr };
  if (!tells) return { kind: "exited", code, stdout, stderr };
  return { ...endAsTold(told, code), stdout, stderr };
}

/** What the telling shell's word means; no word at all means that the shell itself came to harm. */
function endAsTold(
  told: string,
  shellCode: number,
): { readonly kind: "exited"; readonly code: number } | { readonly kind: "signalled"; readonly signal: string } {
  const code = /^\d+\n$/.test(told) ? Number(told) : undefined;
  if (code === undefined && shellCode === 0) return { kind: "signalled", signal: "a real-time signal" };
  // 126 is what a shell says of a command that it could not run.
  if (code === undefined) return { kind: "exited", code: 126 };
  const name = signalName(code - 128);
  return name === undefined ? { kind: "exited", code } : { kind: "signalled", signal: name };
}
