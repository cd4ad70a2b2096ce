import type { CommandMode, ReturnMode } from "./hosts/machine.ts";
import type { CrashMoment } from "./network/link.ts";
import type { Weather } from "./network/weather.ts";

/** What makes one world, and all that happens in it: the same makes the same. Plain data, so that it can be printed. */
export interface WorldOptions {
  readonly seed: number;
  /** True wall time when it begins; noon of a Monday in May unless told. */
  readonly startsAtMs?: number;
  /** Things happen at multiples of so many milliseconds, and those of one instant together; one by one unless told. */
  readonly grainMs?: number;
  readonly mode: Mode;
  readonly nodes: readonly NodeOptions[];
  /** Command line of every daemon, beside its name. */
  readonly flags: readonly string[];
  /** The manifest mounts the folder of the sentinel. */
  readonly mountsSentinel: boolean;
  /** For so long things go wrong; then everything is mended. */
  readonly troubleMs: number;
  readonly weather: Weather;
  readonly crashes: readonly CrashPlan[];
  /** What happens at chance times, and how often. */
  readonly mishaps: readonly MishapPlan[];
  /** How often one of the mishaps follows a step of a maintenance within seconds, when the work is at its tenderest. */
  readonly atSteps: number;
  /** How often one of them happens while a write of ours to a Node or the lock is on its way; never unless told. */
  readonly underWay?: number;
}

/**
 * A process is killed at this moment of this act (`network/acts.ts`), so many times, after sparing it so many times.
 */
export interface CrashPlan {
  readonly act: string;
  readonly moment: CrashMoment;
  readonly spared: number;
  readonly times: number;
}

/** Something that goes wrong, or that people do, every so often. */
export interface MishapPlan {
  readonly name: string;
  readonly everyMs: number;
}

/** How kured is installed. */
export type Mode = "classic" | "coordinated";

/** One machine at its beginning. */
export interface NodeOptions {
  readonly controlPlane: boolean;
  /** When it begins to need a reboot; absent where it never does. */
  readonly needAtMs?: number;
  /** What passes on its clock while a second passes. */
  readonly clockRate: number;
  /** How far its wall clock is ahead. */
  readonly clockAheadMs: number;
  /** Somebody has cordoned it. */
  readonly cordoned?: boolean;
  /** What its reboot command does; works unless told. */
  readonly command?: CommandMode;
  /** What becomes of it when it goes down; back unless told. */
  readonly returns?: ReturnMode;
}

/** How many nodes may be out of service at once, in whichever mode. */
export function limitOf({ flags }: Pick<WorldOptions, "flags">): number {
  const given = flags.flatMap((flag) => /^--(?:concurrency|max-unavailable)=(\d+)$/.exec(flag)?.[1] ?? []);
  return Math.max(1, ...given.map(Number));
}
