import { spawnSync } from "node:child_process";
import type { BatchResult, Failure } from "../batch.ts";
import { expectedCounts } from "../expected.ts";
import type { Mode } from "../options.ts";
import type { ShareNews } from "./shares.ts";
import { shrink } from "./shrink.ts";

/** How a run of many worlds is told of. */
export interface Telling {
  readonly print: (line: string) => void;
  /** As asked for by name. */
  readonly mode: Mode | undefined;
}

const yearMs = 365.25 * 24 * 3_600_000;
const progressEveryMs = 10_000;
/** Shrinking takes a minute each. */
const shrunkMax = 2;

/** Tells, while worlds are run, how far that is, and at once of each that goes wrong. */
export function progressOf(count: number, { print, mode }: Telling): (news: ShareNews) => void {
  const startedAtMs = performance.now();
  let printedAtMs = startedAtMs;
  let [worlds, failed, mostBytes] = [0, 0, 0];
  return (news) => {
    if (news.kind === "failure") {
      failed += 1;
      print(failureLines(news.failure, mode).join("\n"));
    }
    if (news.kind !== "progress") return;
    worlds += news.worlds;
    mostBytes = Math.max(mostBytes, news.residentBytes);
    const nowMs = performance.now();
    if (nowMs - printedAtMs < progressEveryMs) return;
    printedAtMs = nowMs;
    const perMinute = ((worlds * 60_000) / (nowMs - startedAtMs)).toFixed(0);
    const memory = `${(mostBytes / 2 ** 20).toFixed(0)} MiB at most in a process`;
    print(`… ${worlds} of ${count} worlds, ${failed} failed, ${perMinute} a minute, ${memory}`);
    mostBytes = 0;
  };
}

/** What was wrong with a world, and the one command that runs it again. */
export function failureLines({ options, faults }: Failure, mode: Mode | undefined): readonly string[] {
  const { seed } = options;
  return [
    `seed ${seed}, commit ${commit()}, Node ${process.version}: ${faults.join("; ")}`,
    `  npm run sim -- --seed ${seed}${mode === undefined ? "" : ` --mode ${mode}`} --log`,
  ];
}

/** Expected to be met by many worlds together, and not met. */
export function neverHit({ counts }: Pick<BatchResult, "counts">): readonly string[] {
  return expectedCounts().filter((key) => counts[key] === undefined);
}

/** Everything there is to say of a run; answers whether all was well. */
export async function tellAll(
  result: BatchResult,
  { print, mode, partial, tookMs }: Telling & { readonly partial: boolean; readonly tookMs: number },
): Promise<boolean> {
  const { worlds, failures, counts, machineMs } = result;
  for (const [key, count] of Object.entries(counts)) print(`${String(count).padStart(9)}  ${key}`);
  const missing = neverHit(result);
  if (missing.length > 0) print(`never hit: ${missing.join("; ")}`);
  const perMinute = (machineMs / yearMs / tookMs) * 60_000;
  print(
    `${worlds} worlds, ${(machineMs / 3_600_000).toFixed(0)} hours of machines, ${perMinute.toFixed(3)} machine-years a minute`,
  );
  for (const [index, failure] of failures.entries()) {
    print(`\n${failureLines(failure, mode).join("\n")}`);
    if (index < shrunkMax) print(`  npm run sim -- --log --options '${JSON.stringify(await shrink(failure.options))}'`);
  }
  print(`${worlds - failures.length} passed, ${failures.length} failed`);
  return failures.length === 0 && (partial || missing.length === 0);
}

/** Of the tree that ran; a world is the same again in the same tree only. */
function commit(): string {
  const { stdout } = spawnSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" });
  return stdout?.trim() || "unknown";
}
