import type { Commands } from "../ports/commands.ts";
import type { Host } from "../ports/host.ts";
import type { Log } from "../ports/log.ts";
import { commandRebooter } from "./command.ts";
import type { Rebooter } from "./rebooter.ts";
import { signalRebooter } from "./signal.ts";

/** How the node is to be rebooted (`--reboot-method`). */
export type RebooterOptions =
  /** `--reboot-command`, already split into words. */
  | { readonly kind: "command"; readonly words: readonly [string, ...string[]]; readonly timeoutMs: number }
  /** `--reboot-signal`. */
  | { readonly kind: "signal"; readonly signalNumber: number };

/** The machine as rebooters see it. */
export interface RebooterParts {
  readonly commands: Commands;
  readonly host: Host;
  readonly log: Log;
  /** Our own PATH. */
  readonly searchPath: string;
}

/** The rebooter for these options. A new kind is one more file, one more variant and one more case. */
export function rebooterFor(options: RebooterOptions, parts: RebooterParts): Rebooter {
  switch (options.kind) {
    case "command":
      return commandRebooter(options.words, { ...parts, timeoutMs: options.timeoutMs });
    case "signal":
      return signalRebooter(options.signalNumber, parts);
  }
}
