import { fork } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { faultsOf, runBatch, type BatchOptions, type BatchResult, type Failure } from "./batch.ts";
import { Coverage } from "./coverage.ts";
import { drawWorld } from "./draw.ts";
import { expectedCounts } from "./expected.ts";
import type { Mode, WorldOptions } from "./options.ts";
import { runWorld } from "./run.ts";
import { shrink } from "./shrink.ts";

/** Arguments after `npm run sim --`, and where lines go. */
export interface SimulationParts {
  readonly argv: readonly string[];
  readonly print: (line: string) => void;
  /** Where a share's result goes. */
  readonly handOn: (result: BatchResult) => void;
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
const worldsForCoverage = 1_000;

/** Runs what the arguments ask for; answers the exit code. */
export async function runSimulation({ argv, print, handOn }: SimulationParts): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: flags });
  // Stacks are dear where thousands of requests fail as planned.
  Error.stackTraceLimit = values.log ? 30 : 0;
  const mode = modeOf(values.mode);
  const [first, count, jobs] = [Number(values.seed), Number(values.seeds), Number(values.jobs)];
  if (values.log || values.options !== undefined) {
    const options =
      values.options === undefined ? drawWorld(first, mode) : (JSON.parse(values.options) as WorldOptions);
    return await tellOne(options, { print, log: values.log });
  }
  const batch: BatchOptions = { first, count, mode, stride: Number(values.stride), twice: !values.once };
  if (values.share) {
    handOn(await runBatch(batch));
    return 0;
  }
  const startedAtMs = performance.now();
  const result = jobs > 1 ? await runShared(batch, jobs) : await runBatch(batch);
  const partial = values.partial || count < worldsForCoverage;
  return await tellAll(result, { print, partial, mode, tookMs: performance.now() - startedAtMs });
}

function modeOf(text: string | undefined): Mode | undefined {
  return text === "classic" || text === "coordinated" ? text : undefined;
}

/** Several processes, each with its share of the seeds. */
async function runShared(batch: BatchOptions, jobs: number): Promise<BatchResult> {
  const shares = Array.from({ length: jobs }, async (_, job): Promise<BatchResult> => {
    const argv = [`--seed=${batch.first + job}`, `--seeds=${batch.count - job}`, `--stride=${jobs}`, "--share"];
    const others = [...(batch.twice ? [] : ["--once"]), ...(batch.mode === undefined ? [] : [`--mode=${batch.mode}`])];
    const child = fork(new URL("main.ts", import.meta.url), [...argv, ...others]);
    const [result] = (await once(child, "message")) as [BatchResult];
    return result;
  });
  const results = await Promise.all(shares);
  const coverage = new Coverage();
  for (const { counts } of results) coverage.add(counts);
  return {
    worlds: results.reduce((sum, { worlds }) => sum + worlds, 0),
    failures: results.flatMap(({ failures }) => failures),
    counts: coverage.counts(),
    machineMs: results.reduce((sum, { machineMs }) => sum + machineMs, 0),
  };
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

interface Telling {
  readonly print: SimulationParts["print"];
  readonly partial: boolean;
  readonly mode: Mode | undefined;
  readonly tookMs: number;
}

const yearMs = 365.25 * 24 * 3_600_000;
/** Shrinking takes a minute each. */
const shrunkMax = 2;

async function tellAll(result: BatchResult, { print, partial, mode, tookMs }: Telling): Promise<number> {
  const { worlds, failures, counts, machineMs } = result;
  for (const [key, count] of Object.entries(counts)) print(`${String(count).padStart(9)}  ${key}`);
  const missing = expectedCounts().filter((key) => counts[key] === undefined);
  if (missing.length > 0) print(`never hit: ${missing.join("; ")}`);
  const perMinute = (machineMs / yearMs / tookMs) * 60_000;
  print(
    `${worlds} worlds, ${(machineMs / 3_600_000).toFixed(0)} hours of machines, ${perMinute.toFixed(3)} machine-years a minute`,
  );
  for (const [index, failure] of failures.entries())
    await tellFailure(failure, { print, mode, small: index < shrunkMax });
  print(`${worlds - failures.length} passed, ${failures.length} failed`);
  return failures.length === 0 && (partial || missing.length === 0) ? 0 : 1;
}

async function tellFailure(
  { options, faults }: Failure,
  { print, mode, small }: Pick<Telling, "print" | "mode"> & { readonly small: boolean },
): Promise<void> {
  print(`\nseed ${options.seed}, Node ${process.version}: ${faults.join("; ")}`);
  print(`  npm run sim -- --seed ${options.seed}${mode === undefined ? "" : ` --mode ${mode}`} --log`);
  if (!small) return;
  const smaller = await shrink(options);
  print(`  npm run sim -- --log --options '${JSON.stringify(smaller)}'`);
}
