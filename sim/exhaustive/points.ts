import type { CrashMoment } from "../world/network/link.ts";
import type { Container } from "../world/processes/container.ts";
import type { Executioner } from "../world/processes/crashes.ts";

/** A process dies when, for the `ordinal`-th time in this world, any process comes to this moment of a write. */
export interface CrashPoint {
  readonly moment: CrashMoment;
  /** Counted from 1 and from the world's beginning, each moment for itself. */
  readonly ordinal: number;
}

/** How often processes came to each moment of a write. */
export type Reached = Readonly<Record<CrashMoment, number>>;

/** The three moments, in their order. */
export const moments = ["before", "unanswered", "after"] as const satisfies readonly CrashMoment[];

/** Nobody has written anything yet. */
export const nothingReached: Reached = { before: 0, unanswered: 0, after: 0 };

/** Which acts processes die at. */
export type Acts =
  /** Every write, and the command to reboot. */
  | "every"
  /** Without events, which only tell, and the Lease, which only saves work. */
  | "maintenance";

/** Kills processes at these points, and counts every other one that it could have chosen. */
export class PlannedDeaths implements Executioner {
  readonly #points: readonly CrashPoint[];
  readonly #acts: Acts;
  #reached: Reached = nothingReached;
  /** Who died where, for people. */
  readonly deaths: string[] = [];
  /** What had been reached when the last of the deaths happened. */
  reachedAtLast: Reached = nothingReached;
  readonly #died: () => void;

  constructor(points: readonly CrashPoint[], { acts, died }: { readonly acts: Acts; readonly died: () => void }) {
    this.#points = points;
    this.#acts = acts;
    this.#died = died;
  }

  get reached(): Reached {
    return this.#reached;
  }

  /** They are part of what is looked into, so nothing ends them. */
  end(): void {}

  at(container: Container, act: string, moment: CrashMoment): boolean {
    if (container.life.state === "dead" || !isCounted(act, this.#acts)) return false;
    const ordinal = this.#reached[moment] + 1;
    this.#reached = { ...this.#reached, [moment]: ordinal };
    if (!this.#points.some((point) => point.moment === moment && point.ordinal === ordinal)) return false;
    this.reachedAtLast = this.#reached;
    this.deaths.push(`${container.name} ${moment} ${act}`);
    this.#died();
    container.kill(`${moment} ${act}`);
    return true;
  }
}

/** All acts but reading, asking for one's rights, and looking at the machine. */
function isCounted(act: string, acts: Acts): boolean {
  if (acts === "maintenance" && (act === "event" || act === "lease")) return false;
  return act === "command reboot" || !/^(get|list|watch|review|command)\b/.test(act);
}

/** Every point that lies after `from` in a history that came to `to`. */
export function pointsBetween(from: Reached, to: Reached): readonly CrashPoint[] {
  return moments.flatMap((moment) =>
    Array.from({ length: to[moment] - from[moment] }, (_, index) => ({ moment, ordinal: from[moment] + index + 1 })),
  );
}
