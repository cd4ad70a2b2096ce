import { parseArgs } from "node:util";
import { faultsOf, type BatchOptions } from "../batch.ts";
import { drawWorld } from "../draw.ts";
import type { Mode, WorldOptions } from "../options.ts";
import { runWorld } from "../run.ts";
import { runShare, runShared, type ShareNews } from "./shares.ts";
import { progressOf, tellAll } from "./telling.ts";

/** Arguments after `npm run sim --`, and where lines go. */
export interface SimulationParts {
  readonly argv: readonly string[];
  readonly print: (line: string) => void;
  /** Where news of a share go; resolves when they are on their way. */
  readonly handOn: (news: ShareNews) => Promise<void>;
}

const flags = {
  seeds: { type: "string", default: "100" },
  seed: { type: "string", default: "1" },
  jobs: { type: "string", default: "1" },
  mode: { type: "string" },
  /** Prints the whole story of one world. */
  log: { type: "boolean", default: false },
  /** A world as printed by a failure, instead of seeds. */
  options: { type: "string" },
  /** Runs each world once only. */
  once: { type: "boolean", default: false },
  /** What was never hit is no failure: few worlds cannot come through everything. */
  partial: { type: "boolean", default: false },
  /** This process is one of several and hands its result on. */
  share: { type: "boolean", default: false },
  stride: { type: "string", default: "1" },
} as const;

/** Enough for everything that is expected to be hit. */
export const worldsForCoverage = 1_000;

/** Runs what the arguments ask for; answers the exit code, which is 2 where they cannot be meant. */
export async function runSimulation({ argv, print, handOn }: SimulationParts): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: flags });
  const complaint = complaintOf(values);
  if (complaint !== undefined) {
    print(complaint);
    return 2;
  }
  const mode = modeOf(values.mode);
  const [first, count, jobs] = [Number(values.seed), Number(values.seeds), Number(values.jobs)];
  if (values.log || values.options !== undefined) {
    const options =
      values.options === undefined ? drawWorld(first, mode) : (JSON.parse(values.options) as WorldOptions);
    return await tellOne(options, { print, log: values.log });
  }
  const batch: BatchOptions = { first, count, mode, stride: Number(values.stride), twice: !values.once };
  if (values.share) {
    const result = await runShare(batch, (news) => void handOn(news));
    await handOn({ kind: "result", result });
    return 0;
  }
  const startedAtMs = performance.now();
  const result = await runShared(batch, { jobs, heard: progressOf(count, { print, mode }) });
  const partial = values.partial || count < worldsForCoverage;
  return (await tellAll(result, { print, partial, mode, tookMs: performance.now() - startedAtMs })) ? 0 : 1;
}

/** What is no whole number, or too small a one, in one sentence: no world at all would pass for a good run. */
function complaintOf({ seeds, seed, jobs, stride, share }: Numbers): string | undefined {
  const given = [
    // Where there are fewer seeds than processes, one has none.
    { name: "seeds", text: seeds, least: share ? 0 : 1 },
    { name: "seed", text: seed, least: 0 },
    { name: "jobs", text: jobs, least: 1 },
    { name: "stride", text: stride, least: 1 },
  ];
  const wrong = given.find(({ text, least }) => !/^\d+$/.test(text) || Number(text) < least);
  return wrong && `--${wrong.name} is a whole number of at least ${wrong.least}, and not "${wrong.text}".`;
}

interface Numbers {
  readonly seeds: string;
  readonly seed: string;
  readonly jobs: string;
  readonly stride: string;
  readonly share: boolean;
}

function modeOf(text: string | undefined): Mode | undefined {
  return text === "classic" || text === "coordinated" ? text : undefined;
}

async function tellOne(
  options: WorldOptions,
  { print, log }: { readonly print: SimulationParts["print"]; readonly log: boolean },
): Promise<number> {
  const ending = await runWorld(options, log ? print : undefined);
  const faults = faultsOf(ending);
  print(faults.length === 0 ? `nothing went wrong, hash ${ending.hash}` : faults.join("\n"));
  return faults.length === 0 ? 0 : 1;
}
