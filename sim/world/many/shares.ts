import { fork } from "node:child_process";
import { runBatch, type BatchOptions, type BatchResult, type Failure } from "../batch.ts";
import { Coverage } from "../coverage.ts";

/** What a process with a share of the worlds tells the one that asked for it. */
export type ShareNews =
  /** So many worlds since it last said so, and what it holds of memory now. */
  | { readonly kind: "progress"; readonly worlds: number; readonly residentBytes: number }
  | { readonly kind: "failure"; readonly failure: Failure }
  /** The last word. */
  | { readonly kind: "result"; readonly result: BatchResult };

/** How many processes run the worlds, and who hears of them meanwhile. */
export interface SharesOptions {
  readonly jobs: number;
  readonly heard?: (news: ShareNews) => void;
}

const tellEveryMs = 1_000;

/**
 * Runs the worlds in several processes, each with its share of the seeds; one alone needs no other. Rejects if one of
 * them dies.
 */
export async function runShared(
  batch: BatchOptions,
  { jobs, heard = () => undefined }: SharesOptions,
): Promise<BatchResult> {
  if (jobs <= 1) return await runShare(batch, heard);
  const results = await Promise.all(Array.from({ length: jobs }, (_, job) => forkShare(batch, { job, jobs, heard })));
  const coverage = new Coverage();
  for (const { counts } of results) coverage.add(counts);
  return {
    worlds: results.reduce((sum, { worlds }) => sum + worlds, 0),
    failures: results
      .flatMap(({ failures }) => failures)
      .toSorted((one, other) => one.options.seed - other.options.seed),
    counts: coverage.counts(),
    machineMs: results.reduce((sum, { machineMs }) => sum + machineMs, 0),
  };
}

/** Runs the worlds in this process and tells of it now and then. */
export async function runShare(batch: BatchOptions, tell: (news: ShareNews) => void): Promise<BatchResult> {
  // Stacks are dear where thousands of requests fail as planned.
  Error.stackTraceLimit = 0;
  let worlds = 0;
  let toldAtMs = performance.now();
  return await runBatch(batch, (failure) => {
    worlds += 1;
    if (failure !== undefined) tell({ kind: "failure", failure });
    if (performance.now() - toldAtMs < tellEveryMs) return;
    tell({ kind: "progress", worlds, residentBytes: process.memoryUsage.rss() });
    worlds = 0;
    toldAtMs = performance.now();
  });
}

function forkShare(
  { first, count, mode, twice }: BatchOptions,
  { job, jobs, heard = () => undefined }: SharesOptions & { readonly job: number },
): Promise<BatchResult> {
  const argv = [`--seed=${first + job}`, `--seeds=${Math.max(0, count - job)}`, `--stride=${jobs}`, "--share"];
  const others = [...(twice ? [] : ["--once"]), ...(mode === undefined ? [] : [`--mode=${mode}`])];
  // Flags of the parent's own, as a test runner has them, are not for it.
  const child = fork(new URL("../main.ts", import.meta.url), [...argv, ...others], { execArgv: [] });
  return new Promise((resolve, reject) => {
    child.on("message", (news: ShareNews) => {
      heard(news);
      if (news.kind === "result") resolve(news.result);
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      reject(new Error(`A share of the worlds ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}
