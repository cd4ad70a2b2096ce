import { letThingsHappen } from "./faults/happening.ts";
import { lookAfter, mend } from "./faults/mending.ts";
import { watchRules } from "./rules/every.ts";
import { unfinished } from "./rules/unfinished.ts";
import type { WorldOptions } from "./options.ts";
import { World } from "./world.ts";

/** How a world ended. */
export interface Ending {
  readonly options: WorldOptions;
  /** Rules that were broken, processes that fell over. */
  readonly broken: readonly string[];
  /** What was still undone when everything had been right for long enough. */
  readonly unfinished: readonly string[];
  /** Of the whole story. */
  readonly hash: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly simulatedMs: number;
}

/** Enough for every node one after the other, each with a deadline and a rest. */
const healthyMs = 3 * 3_600_000;
const lookEveryMs = 15_000;

/** Lets everything happen, then mends what is broken, and lets kured finish its work. */
export async function runWorld(options: WorldOptions, listen?: (line: string) => void): Promise<Ending> {
  const world = new World(options, listen);
  const isBroken = (): boolean => world.broken.length > 0;
  const { everRewritten } = watchRules(world);
  const trouble = letThingsHappen(world);
  await world.timeline.runUntil(options.troubleMs, isBroken);
  trouble.stop();
  let left: readonly string[] = [];
  if (!isBroken()) {
    mend(world);
    const endMs = world.timeline.nowMs + healthyMs;
    do {
      await world.timeline.runUntil(world.timeline.nowMs + lookEveryMs, isBroken);
      left = unfinished(world, everRewritten);
      lookAfter(world);
    } while (left.length > 0 && world.timeline.nowMs < endMs && !isBroken());
  }
  return {
    options,
    broken: world.broken,
    unfinished: isBroken() ? [] : left,
    hash: world.hash(),
    counts: world.coverage.counts(),
    simulatedMs: world.timeline.nowMs,
  };
}
