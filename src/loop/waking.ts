import type { Clock } from "../ports/clock.ts";

/** Lets a loop sleep until something that it decides from has changed. */
export interface Waking {
  /** Counts the changes so far. */
  readonly version: () => number;
  /** Something changed: whoever sleeps looks again. */
  readonly changed: () => void;
  /**
   * Resolves as soon as there was a change after `version`, at the monotonic instant `untilMs`, or after a minute:
   * a wall clock that is set has no event of its own. Rejects with `signal.reason`.
   */
  readonly changedSince: (
    version: number,
    options: { readonly untilMs: number; readonly signal: AbortSignal },
  ) => Promise<void>;
  /** When (monotonic) a loop last came here to sleep, or awoke: at least each minute, unless it hangs. */
  readonly lastRoundAtMs: () => number;
}

const longestSleepMs = 60_000;
const awake = "something changed";

/** One loop's sleep; several may sleep on the same one. */
export function createWaking(clock: Clock): Waking {
  let version = 0;
  let lastRoundAtMs = clock.now().monotonicMs;
  const sleepers = new Set<() => void>();
  return {
    version: () => version,
    lastRoundAtMs: () => lastRoundAtMs,
    changed: () => {
      version += 1;
      for (const wake of sleepers) wake();
    },
    changedSince: async (since, { untilMs, signal }) => {
      lastRoundAtMs = clock.now().monotonicMs;
      const durationMs = since === version ? Math.min(untilMs - clock.now().monotonicMs, longestSleepMs) : 0;
      const nap = new AbortController();
      // With a reason of its own: one that AbortSignal makes is an error with a stack, at each change.
      const wake = () => nap.abort(awake);
      sleepers.add(wake);
      signal.addEventListener("abort", wake, { once: true });
      try {
        signal.throwIfAborted();
        await clock.sleep(Math.max(0, durationMs), { signal: nap.signal });
      } catch (error) {
        // Being woken is what we waited for; anything else is the caller's.
        if (!nap.signal.aborted) throw error;
        signal.throwIfAborted();
      } finally {
        sleepers.delete(wake);
        signal.removeEventListener("abort", wake);
        lastRoundAtMs = clock.now().monotonicMs;
      }
    },
  };
}
