import fc from "fast-check";
import { shown } from "../compare.ts";
import type { Ask, Step } from "../step.ts";
import { sequences, watched } from "./operations.ts";

export interface SearchOptions {
  readonly seed: number;
  /** How many sequences, and of how many requests at most. */
  readonly sequences: number;
  readonly length: number;
  /** Plays a sequence where nothing has happened yet; answers the differences. */
  readonly play: (steps: readonly Step[]) => Promise<readonly string[]>;
}

export interface Search {
  /** How many requests were compared. */
  readonly requests: number;
  /** The shortest sequence found whose answers differ, and how; `undefined` when there is none. */
  readonly found: string | undefined;
}

/** What comes after the first difference mostly follows from it. */
const shownSteps = 3;

/** Shortening plays many more; it ends after this long with the shortest so far. */
const shrinkingMs = 60_000;

/** Looks for a sequence of requests to which the two servers answer differently, and shortens it. */
export async function search({ seed, sequences: numRuns, length, play }: SearchOptions): Promise<Search> {
  let requests = 0;
  const last = new Map<readonly Ask[], readonly string[]>();
  let endsMs = Infinity;
  const property = fc.asyncProperty(sequences(length), async (sequence) => {
    if (Date.now() > endsMs) return true;
    requests += sequence.length;
    const differences = await play(watched(sequence));
    last.set(sequence, differences);
    if (differences.length > 0 && endsMs === Infinity) endsMs = Date.now() + shrinkingMs;
    return differences.length === 0;
  });
  const details = await fc.check(property, { seed, numRuns });
  const shortest = details.counterexample?.[0];
  if (!details.failed || shortest === undefined) return { requests, found: undefined };
  const steps = shortest.map((step, index) => `${index + 1}. ${shown(step)}`).join("\n");
  return {
    requests,
    found: `seed ${seed}, after ${details.numShrinks} cuts:\n${steps}\n${(last.get(shortest) ?? []).slice(0, shownSteps).join("\n")}`,
  };
}
