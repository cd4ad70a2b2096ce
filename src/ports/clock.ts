import type { Now } from "../core/now.ts";

/**
 * A process's own time. The real one reads the machine's clocks; the simulator gives each process one
 * that drifts and jumps. Nothing else in the project may start a timer or read the time.
 */
export interface Clock {
  /** Wall and monotonic time of the same instant. */
  now(): Now;
  /**
   * Resolves after `durationMs` (also beyond the 24.8 days that one timer can hold); zero or less yields once.
   * Rejects with `signal.reason` as soon as the signal aborts, and leaves no timer behind.
   */
  sleep(durationMs: number, options: { readonly signal: AbortSignal }): Promise<void>;
  /**
   * A signal that aborts after `durationMs`, or with `signal` and its reason if that comes first. The reason of
   * a deadline is a `DeadlineExceeded`. Call `clear` when the work is over, or the timer stays.
   */
  deadline(durationMs: number, options: { readonly signal: AbortSignal }): Deadline;
}

/** A running deadline; `clear` may be called more than once. */
export interface Deadline {
  readonly signal: AbortSignal;
  clear(): void;
}

/** Why a deadline's signal aborted. */
export class DeadlineExceeded extends Error {
  override readonly name = "DeadlineExceeded";
  readonly durationMs: number;
  constructor(durationMs: number) {
    super(`Deadline of ${durationMs} ms exceeded`);
    this.durationMs = durationMs;
  }
}
