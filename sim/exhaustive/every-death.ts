import { historyOf, type History } from "./history.ts";
import { moments, nothingReached, pointsBetween, type CrashPoint } from "./points.ts";
import type { SmallWorld } from "./small-worlds.ts";

/** What came of all worlds with one death, or with two. */
export interface Tally {
  readonly worlds: number;
  /** In how many worlds somebody had to look after a node. */
  readonly helped: number;
  readonly failures: readonly Failure[];
  readonly simulatedMs: number;
  /** What the number of worlds must come to, counted where writes arrive. */
  readonly formula: Formula;
}

/** worlds = 3 × writes + 2 × commands − missed. */
export interface Formula {
  /** That the API server answered, after the death before. */
  readonly writes: number;
  /** To reboot, that machines were given, after the death before. */
  readonly commands: number;
  /** Moments that were not reached, or were before the death before, because a write was in the middle of its way. */
  readonly missed: number;
  /** Worlds with a death between the API server's act and its answer; there are as many as writes. */
  readonly unanswered: number;
}

/** A world that went wrong. */
export interface Failure {
  readonly points: readonly CrashPoint[];
  readonly deaths: readonly string[];
  readonly faults: readonly string[];
}

/** Which of the worlds are run here, where several processes share them. */
export interface Share {
  readonly job: number;
  readonly jobs: number;
}

/** Tries every death, and with `deaths: 2` after each of them every second one: nothing is drawn, nothing left out. */
export async function tryEveryDeath(
  { options, acts, command, deaths }: SmallWorld,
  { job, jobs }: Share = { job: 0, jobs: 1 },
): Promise<readonly Tally[]> {
  const ones = new Counter();
  const twos = new Counter();
  const quiet = await historyOf(options, { points: [], acts, command });
  const firsts = pointsBetween(nothingReached, quiet.reached.atEnd);
  if (job === 0) ones.expect(quiet);
  if (job === 0 && quiet.faults.length > 0) ones.ran(quiet);
  for (const [index, first] of firsts.entries()) {
    if (index % jobs !== job) continue;
    const one = await historyOf(options, { points: [first], acts, command });
    ones.ran(one);
    if (deaths === 1) continue;
    twos.expect(one);
    for (const second of pointsBetween(one.reached.atLast, one.reached.atEnd))
      twos.ran(await historyOf(options, { points: [first, second], acts, command }));
  }
  return deaths === 1 ? [ones.tally()] : [ones.tally(), twos.tally()];
}

/** Adds the shares of several processes. */
export function together(shares: readonly Tally[]): Tally {
  const sum = (of: (share: Tally) => number): number => shares.reduce((all, share) => all + of(share), 0);
  return {
    worlds: sum(({ worlds }) => worlds),
    helped: sum(({ helped }) => helped),
    failures: shares.flatMap(({ failures }) => failures),
    simulatedMs: sum(({ simulatedMs }) => simulatedMs),
    formula: {
      writes: sum(({ formula }) => formula.writes),
      commands: sum(({ formula }) => formula.commands),
      missed: sum(({ formula }) => formula.missed),
      unanswered: sum(({ formula }) => formula.unanswered),
    },
  };
}

class Counter {
  #worlds = 0;
  #unanswered = 0;
  #helped = 0;
  #simulatedMs = 0;
  #writes = 0;
  #commands = 0;
  #missed = 0;
  readonly #failures: Failure[] = [];

  ran({ points, deaths, faults, helped, simulatedMs }: History): void {
    this.#worlds += 1;
    if (points.at(-1)?.moment === "unanswered") this.#unanswered += 1;
    if (helped) this.#helped += 1;
    this.#simulatedMs += simulatedMs;
    // A death that was planned from the same history and did not come is one that the world did not repeat.
    const lost = deaths.length < points.length ? ["a planned death never came"] : [];
    if (faults.length + lost.length > 0) this.#failures.push({ points, deaths, faults: [...faults, ...lost] });
  }

  /** Every moment of every write after the last death of this history is to be a world of its own. */
  expect({ witnessed, reached: { atLast, atEnd } }: History): void {
    this.#writes += witnessed.writes;
    this.#commands += witnessed.commands;
    const all = 3 * witnessed.writes + 2 * witnessed.commands;
    this.#missed += all - moments.reduce((sum, moment) => sum + atEnd[moment] - atLast[moment], 0);
  }

  tally(): Tally {
    return {
      worlds: this.#worlds,
      helped: this.#helped,
      failures: this.#failures,
      simulatedMs: this.#simulatedMs,
      formula: {
        writes: this.#writes,
        commands: this.#commands,
        missed: this.#missed,
        unanswered: this.#unanswered,
      },
    };
  }
}
