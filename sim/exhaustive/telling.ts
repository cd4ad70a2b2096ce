import type { Tally } from "./every-death.ts";
import type { SmallWorld } from "./small-worlds.ts";

/** What was run, beside what it must come to. */
export function tellTally({ name, acts }: SmallWorld, { tally, deaths }: Told): string {
  const { worlds, helped, failures, formula, simulatedMs } = tally;
  const { writes, commands, missed } = formula;
  const parts = [
    `3 × ${writes} writes + 2 × ${commands} commands`,
    ...(missed === 0 ? [] : [`${missed < 0 ? "+" : "−"} ${Math.abs(missed)} cut short`]),
  ];
  const after = deaths === 1 ? "" : ", after every first death";
  return (
    `${name}, ${acts === "every" ? "every write" : "no events, no Lease"}${after}: ${worlds} worlds = ${parts.join(" ")}; ` +
    `${failures.length} failed, ${helped} needed a person, ${(simulatedMs / 3_600_000).toFixed(0)} hours`
  );
}

/** A tally, and how many died in each of its worlds. */
export interface Told {
  readonly tally: Tally;
  readonly deaths: number;
}

/** What is not as the formula has it, in sentences; none when all is well. */
export function faultsInFormula({ worlds, formula }: Tally): readonly string[] {
  const { writes, commands, missed, unanswered } = formula;
  const wanted = 3 * writes + 2 * commands - missed;
  return [
    ...(worlds === wanted ? [] : [`${worlds} worlds were run, and it should have been ${wanted}`]),
    ...(unanswered === writes
      ? []
      : [`${unanswered} worlds had a death between act and answer, and the API server answered ${writes} writes`]),
  ];
}
