import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Trial, Verdict } from "./worker.ts";

/** What came of a trial; a mutant that does not end is killed too, and counted by itself. */
export type Outcome = Verdict | { readonly number: number; readonly kind: "endless" };

/**
 * So much longer than all tests take where nothing is wrong, and not less than a minute, before a mutant is endless.
 */
const patience = 4;
const leastMs = 60_000;
/** Each trial leaves its modules in memory. */
const trialsEach = 60;

/** Runs trials one after the other in a process of their own, which is replaced when it is old or does not answer. */
export class Trials {
  #worker: ChildProcess | undefined;
  /** Until it is known how busy the machine is. */
  #deadlineMs = 15 * 60_000;
  #left = 0;

  /** All tests on the source as it is: what it takes is the measure for all others. */
  async sound(trial: Trial): Promise<Outcome> {
    const startedAtMs = performance.now();
    const outcome = await this.run(trial);
    this.#deadlineMs = Math.max(leastMs, patience * (performance.now() - startedAtMs));
    return outcome;
  }

  async run(trial: Trial): Promise<Outcome> {
    const worker = this.#alive();
    const waiting = new AbortController();
    const { signal } = waiting;
    const deadline = setTimeout(() => waiting.abort(), this.#deadlineMs);
    worker.send(trial);
    try {
      const [verdict] = (await Promise.race([
        once(worker, "message", { signal }),
        once(worker, "exit", { signal }).then(() => {
          throw new Error("the process that tries mutants has ended");
        }),
      ])) as [Verdict];
      return verdict;
    } catch {
      this.end();
      return { number: trial.number, kind: "endless" };
    } finally {
      clearTimeout(deadline);
      waiting.abort();
    }
  }

  end(): void {
    this.#worker?.kill("SIGKILL");
    this.#worker = undefined;
  }

  #alive(): ChildProcess {
    if (this.#left === 0) this.end();
    if (this.#worker === undefined) {
      this.#worker = fork(new URL("worker.ts", import.meta.url), {
        execArgv: ["--max-old-space-size=512", "--disable-warning=ExperimentalWarning"],
        env: { ...process.env, KURED_PROPERTY_RUNS: "15" },
      });
      this.#left = trialsEach;
    }
    this.#left -= 1;
    return this.#worker;
  }
}
