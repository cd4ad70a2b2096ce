import { fork } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { together, tryEveryDeath, type Failure, type Tally } from "./every-death.ts";
import { historyOf } from "./history.ts";
import type { CrashPoint } from "./points.ts";
import { small, smallest, type SmallWorld } from "./small-worlds.ts";
import { faultsInFormula, tellTally } from "./telling.ts";

/** Arguments after `npm run sim:exhaustive --`, and where lines go. */
export interface ExhaustiveParts {
  readonly argv: readonly string[];
  readonly print: (line: string) => void;
  /** Where a share's result goes. */
  readonly handOn: (result: readonly Tally[]) => void;
}

const flags = {
  smallest: { type: "boolean", default: false },
  /** Only this one of the worlds, counted from 1. */
  only: { type: "string" },
  jobs: { type: "string", default: "1" },
  /** Prints the story of the one world with these deaths, as a failure prints them. */
  deaths: { type: "string" },
  /** This process is this one of `jobs` and hands its result on. */
  share: { type: "string" },
} as const;

/** Runs what the arguments ask for; answers the exit code. */
export async function runExhaustive({ argv, print, handOn }: ExhaustiveParts): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: flags });
  // Stacks are dear where thousands of requests fail as planned.
  Error.stackTraceLimit = values.deaths === undefined ? 0 : 30;
  const jobs = Number(values.jobs);
  const all = values.smallest ? smallest : small;
  const chosen = all.filter((_, index) => values.only === undefined || index + 1 === Number(values.only));
  let failed = chosen.length === 0;
  for (const world of chosen) {
    if (values.deaths !== undefined)
      return await tellOne(world, { points: JSON.parse(values.deaths) as readonly CrashPoint[], print });
    if (values.share !== undefined) {
      handOn(await tryEveryDeath(world, { job: Number(values.share), jobs }));
      return 0;
    }
    const replay = `--only ${all.indexOf(world) + 1}${values.smallest ? " --smallest" : ""}`;
    const tallies = jobs > 1 ? await runShared(replay.split(" "), jobs) : await tryEveryDeath(world);
    for (const [index, tally] of tallies.entries()) {
      print(tellTally(world, { tally, deaths: index + 1 }));
      const faults = faultsInFormula(tally);
      for (const fault of faults) print(`  ${fault}`);
      for (const failure of tally.failures) tellFailure(failure, { replay, print });
      failed ||= faults.length + tally.failures.length > 0;
    }
  }
  return failed ? 1 : 0;
}

/** Several processes, each with its share of the first deaths. */
async function runShared(replay: readonly string[], jobs: number): Promise<readonly Tally[]> {
  const shares = Array.from({ length: jobs }, async (_, job): Promise<readonly Tally[]> => {
    const child = fork(new URL("main.ts", import.meta.url), [...replay, `--jobs=${jobs}`, `--share=${job}`]);
    const [result] = (await once(child, "message")) as [readonly Tally[]];
    return result;
  });
  const results = await Promise.all(shares);
  const [first = []] = results;
  return first.map((_, deaths) => together(results.flatMap((result) => result.slice(deaths, deaths + 1))));
}

interface Telling {
  readonly replay: string;
  readonly print: ExhaustiveParts["print"];
}

function tellFailure({ points, deaths, faults }: Failure, { replay, print }: Telling): void {
  print(`  ${deaths.join(", then ")}: ${faults.join("; ")}`);
  print(`    npm run sim:exhaustive -- ${replay} --deaths '${JSON.stringify(points)}'`);
}

async function tellOne(
  { options, acts, command }: SmallWorld,
  { points, print }: { readonly points: readonly CrashPoint[]; readonly print: ExhaustiveParts["print"] },
): Promise<number> {
  const { faults } = await historyOf(options, { points, acts, command, listen: print });
  print(faults.length === 0 ? "nothing went wrong" : faults.join("\n"));
  return faults.length === 0 ? 0 : 1;
}
