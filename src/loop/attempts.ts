import type { ActionOutcome, Attempt } from "../core/fleet/view.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";

/** What has been tried, by key. Volatile: a restart forgets it and tries once more. */
export interface Attempts {
  readonly all: ReadonlyMap<string, Attempt>;
  /** From now on the key is under way. */
  begin(key: string): void;
  /** It has ended; `refusedBy` is kept from earlier attempts where it is not told. */
  end(key: string, options: { readonly outcome: ActionOutcome; readonly refusedBy?: string }): void;
}

/** Ended attempts are forgotten after this long: no back-off lasts longer. */
const keptMs = 30 * 60_000;
const forgetEveryMs = 60_000;

/** Starts with nothing tried. */
export function createAttempts({ clock, random }: { readonly clock: Clock; readonly random: Random }): Attempts {
  const all = new Map<string, Attempt>();
  let forgotAtMs = -Infinity;
  return {
    all,
    begin: (key) => {
      const before = all.get(key) ?? { failures: 0, jitter: 0 };
      all.set(key, { ...before, inFlightSinceMs: clock.now().monotonicMs });
    },
    end: (key, { outcome, refusedBy }) => {
      const endedAtMs = clock.now().monotonicMs;
      const { failures = 0, refusedBy: refusedBefore } = all.get(key) ?? {};
      const budget = refusedBy ?? refusedBefore;
      all.set(key, {
        last: { outcome, endedAtMs },
        failures: isSuccess(outcome) ? 0 : failures + 1,
        jitter: random.next(),
        ...(budget !== undefined && { refusedBy: budget }),
      });
      // Of hundreds of evictions each would else look at all the others.
      if (forgotAtMs + forgetEveryMs > endedAtMs) return;
      forgotAtMs = endedAtMs;
      forgetOld(all, endedAtMs - keptMs);
    },
  };
}

function isSuccess(outcome: ActionOutcome): boolean {
  return outcome.kind === "done" || (outcome.kind === "eviction" && outcome.outcome.kind === "evicted");
}

function forgetOld(all: Map<string, Attempt>, beforeMs: number): void {
  for (const [key, { inFlightSinceMs, last }] of all) {
    if (inFlightSinceMs === undefined && last !== undefined && last.endedAtMs < beforeMs) all.delete(key);
  }
}
