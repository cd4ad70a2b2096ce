import type { Commands } from "../ports/commands.ts";
import type { Files } from "../ports/files.ts";
import { anywhereFileSentinel } from "./anywhere-file.ts";
import { commandSentinel } from "./command.ts";
import { fileSentinel } from "./file.ts";
import { hostFileSentinel } from "./host-file.ts";
import type { Sentinel } from "./sentinel.ts";

/** Which sentinel is wanted. All paths are absolute. */
export type SentinelOptions =
  /** A file in our own file system, mounted from the host or not. */
  | { readonly kind: "file"; readonly path: string }
  /** A file of the host, without a mount. */
  | { readonly kind: "hostFile"; readonly path: string }
  /** Wherever it is: what `--reboot-sentinel` means. */
  | { readonly kind: "anywhereFile"; readonly path: string }
  /** `--reboot-sentinel-command`, already split into words; see `CommandSentinelOptions` for the rest. */
  | {
      readonly kind: "command";
      readonly words: readonly [string, ...string[]];
      readonly timeoutMs: number;
      readonly requiredCodes?: readonly number[];
      readonly notRequiredCodes?: readonly number[];
    };

/** The machine as sentinels see it. */
export interface SentinelParts {
  readonly files: Files;
  readonly commands: Commands;
}

/** The sentinel for these options. A new kind is one more file, one more variant and one more case. */
export function sentinelFor(options: SentinelOptions, parts: SentinelParts): Sentinel {
  switch (options.kind) {
    case "file":
      return fileSentinel(options.path, parts);
    case "hostFile":
      return hostFileSentinel(options.path, parts);
    case "anywhereFile":
      return anywhereFileSentinel(options.path, parts);
    case "command":
      return commandSentinel(options.words, { ...options, commands: parts.commands });
  }
}
