import { Coverage } from "./coverage.ts";
import { drawWorld } from "./draw.ts";
import type { Mode, WorldOptions } from "./options.ts";
import { runWorld, type Ending } from "./run.ts";

/** Which worlds are run. */
export interface BatchOptions {
  readonly first: number;
  readonly count: number;
  /** Every so many seeds; several processes share the seeds so. */
  readonly stride: number;
  readonly mode?: Mode | undefined;
  /** Runs each world a second time, which must be told in the same way to the letter. */
  readonly twice: boolean;
}

/** What came of many worlds; plain data, because it comes from other processes too. */
export interface BatchResult {
  readonly worlds: number;
  readonly failures: readonly Failure[];
  readonly counts: Readonly<Record<string, number>>;
  /** Of every machine together. */
  readonly machineMs: number;
}

/** A world that went wrong, and how. */
export interface Failure {
  readonly options: WorldOptions;
  readonly faults: readonly string[];
}

/** Runs the worlds one after the other; `went` hears of each what was wrong with it, if anything was. */
export async function runBatch(
  { first, count, stride, mode, twice }: BatchOptions,
  went: (failure: Failure | undefined) => void = () => undefined,
): Promise<BatchResult> {
  const coverage = new Coverage();
  const failures: Failure[] = [];
  let machineMs = 0;
  let worlds = 0;
  for (let index = 0; index < count; index += stride) {
    const options = drawWorld(first + index, mode);
    const ending = await runWorld(options);
    worlds += 1;
    machineMs += ending.simulatedMs * options.nodes.length;
    coverage.add(ending.counts);
    const faults = [...faultsOf(ending), ...(twice ? await differences(ending) : [])];
    const failure = faults.length > 0 ? { options, faults } : undefined;
    if (failure !== undefined) failures.push(failure);
    went(failure);
  }
  return { worlds, failures, counts: coverage.counts(), machineMs };
}

/** What was wrong with one world. */
export function faultsOf({ broken, unfinished }: Ending): readonly string[] {
  return [...broken, ...unfinished.map((what) => `rule 9: ${what}`)];
}

async function differences({ options, hash }: Ending): Promise<readonly string[]> {
  const again = await runWorld(options);
  return again.hash === hash ? [] : [`the second run of this world was another one: ${hash}, ${again.hash}`];
}
