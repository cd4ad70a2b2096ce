import { inHostMounts } from "../core/host/mount-namespace.ts";
import type { Commands } from "../ports/commands.ts";
import { readCommandEnd } from "./command-end.ts";
import type { Sentinel } from "./sentinel.ts";

/** How a sentinel command is run and what its exit codes mean. */
export interface CommandSentinelOptions {
  readonly commands: Commands;
  /** After this long it is stopped, and the need is unknown. */
  readonly timeoutMs: number;
  /** Exit codes that say that a reboot is required; kured knows only 0. */
  readonly requiredCodes?: readonly number[];
  /** Exit codes that say that none is; by default what is left of 0 and 1. */
  readonly notRequiredCodes?: readonly number[];
}

/** A command in the host's mount namespace whose exit code tells, run without a shell (`--reboot-sentinel-command`). */
export function commandSentinel(
  words: readonly [string, ...string[]],
  { commands, timeoutMs, requiredCodes = [0], notRequiredCodes }: CommandSentinelOptions,
): Sentinel {
  const codes = {
    required: requiredCodes,
    notRequired: notRequiredCodes ?? [0, 1].filter((code) => !requiredCodes.includes(code)),
  };
  return {
    describe: () => `Sentinel checker is (privileged) user provided command: ${words.join(" ")}`,
    async check({ signal }) {
      const end = await commands.run(inHostMounts(words), { timeoutMs, signal });
      return readCommandEnd(end, { words, codes });
    },
  };
}
