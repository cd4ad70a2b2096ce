import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tally } from "./reporter.ts";
import { root } from "./source.ts";

/** One thing to check, in a process of its own. */
export interface Step {
  readonly name: string;
  /** Arguments for Node; the first is a script or `--test`. */
  readonly argv: readonly string[];
  /** A program that starts Node for us, with its own arguments: `nsenter … --`. */
  readonly through?: readonly string[];
  /** Tests are counted, and none at all is a failure. */
  readonly counts: "tests" | "nothing";
  /** Whether its output is shown while it runs, or only if it fails. */
  readonly output: "live" | "onFailure";
  /** After this long it is stopped and has failed. */
  readonly deadlineMs: number;
  /** Whether no later step can run if this one fails. */
  readonly neededByAllAfter?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** How a step ended. */
export interface StepEnd {
  readonly name: string;
  readonly ok: boolean;
  readonly tally: Tally;
}

/** Runs one step, prints one line with its time and, where it failed, all that it said. */
export async function runStep(step: Step): Promise<StepEnd> {
  const folder = mkdtempSync(join(tmpdir(), "kured-step-"));
  const tallyPath = join(folder, "tally.json");
  const startedAtMs = performance.now();
  if (step.output === "live") console.log(`… ${step.name}`);
  const { trouble, said } = await runNode(step, tallyPath);
  const tally = readTally(tallyPath);
  rmSync(folder, { recursive: true, force: true });

  const faults = step.counts === "tests" ? countFaults(trouble, tally) : trouble;
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1).padStart(5);
  const counted = step.counts === "nothing" ? "" : `  ${tally?.passed ?? 0} passed, ${tally?.failed ?? 0} failed`;
  console.log(`${faults === undefined ? "✓" : "✗"} ${step.name.padEnd(24)} ${seconds} s${counted}`);
  for (const file of tally?.slow ?? []) console.log(`    slow: ${file}`);
  if (faults !== undefined) console.log(`${said}    ${step.name}: ${faults}`);
  return { name: step.name, ok: faults === undefined, tally: tally ?? nothing };
}

/** The end of a step that was not even started; it is said, and counts as a failure. */
export function notRun({ name }: Step, { missing }: { readonly missing: string }): StepEnd {
  console.log(`✗ ${name.padEnd(24)}   not run, because ${missing} failed`);
  return { name, ok: false, tally: nothing };
}

const nothing: Tally = { passed: 0, failed: 0, skipped: [], slow: [] };

/**
 * Prints what everybody wants to know last, the very last line being `N passed, N failed`, and sets the exit code. A
 * step that failed without a failed test counts as one failure.
 */
export function summarize(ends: readonly StepEnd[]): void {
  const skipped = ends.flatMap(({ tally }) => tally.skipped);
  for (const reason of skipped) console.log(`skipped: ${reason}`);
  const broken = ends.filter(({ ok }) => !ok);
  for (const { name } of broken) console.log(`failed: ${name}`);
  const passed = ends.reduce((sum, { tally }) => sum + tally.passed, 0);
  const failed = ends.reduce((sum, { ok, tally }) => sum + Math.max(tally.failed, ok ? 0 : 1), 0);
  console.log(`tests ${passed + failed + skipped.length}, skipped ${skipped.length}`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && broken.length === 0 ? 0 : 1;
}

/** Why a step of tests has failed although, or because, of what was counted; `undefined` if it has not. */
function countFaults(trouble: string | undefined, tally: Tally | undefined): string | undefined {
  if (trouble !== undefined) return trouble;
  if (tally === undefined) return "wrote no tally: did it load tools/reporter.ts?";
  if (tally.failed > 0) return `${tally.failed} failed`;
  // A pattern that matches no file looks like success to node --test.
  if (tally.passed === 0) return "no test ran. Add one, or take the suite out of tools/suites.ts";
  return undefined;
}

async function runNode(
  step: Step,
  tallyPath: string,
): Promise<{ readonly trouble: string | undefined; readonly said: string }> {
  const [program, ...argv] = [...(step.through ?? []), process.execPath, ...step.argv];
  const child = spawn(program ?? process.execPath, argv, {
    cwd: root,
    env: { ...process.env, ...step.env, KURED_TALLY: tallyPath },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const hear = (chunk: Buffer): void => {
    if (step.output === "live") process.stdout.write(chunk);
    else said += chunk.toString();
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const stop = (): void => void child.kill("SIGTERM");
  const timer = setTimeout(stop, step.deadlineMs);
  process.once("exit", stop);
  const trouble = await new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => {
      resolve(error.message);
    });
    child.once("close", (code, signal) => {
      if (code === 0) resolve(undefined);
      else if (signal === null) resolve(`ended with exit code ${code}`);
      else resolve(`stopped by ${signal} (its deadline is ${step.deadlineMs / 1000} s)`);
    });
  });
  clearTimeout(timer);
  process.off("exit", stop);
  return { trouble, said };
}

function readTally(path: string): Tally | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Tally;
  } catch {
    return undefined;
  }
}
