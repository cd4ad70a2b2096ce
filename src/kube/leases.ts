import { Candidacy } from "./election/candidacy.ts";
import type { ElectionParts } from "./election/candidacy.ts";

/**
 * Takes part in an election for as long as `signal` lets it; then gives the Lease back, which takes some seconds at
 * most, and rejects with `signal.reason`. So end first what must not be done by two, then this.
 * Throws a RangeError if the durations do not fit each other.
 */
export async function runElection(parts: ElectionParts): Promise<never> {
  const { clock, random, retryPeriodMs, leaseDurationMs, renewDeadlineMs, signal } = parts;
  if (!(retryPeriodMs > 0 && retryPeriodMs * 2 <= renewDeadlineMs && renewDeadlineMs < leaseDurationMs)) {
    throw new RangeError("a lease needs: twice the retry period <= renew deadline < lease duration");
  }
  const candidacy = new Candidacy(parts);
  try {
    for (;;) {
      signal.throwIfAborted();
      await candidacy.attempt();
      const pauseMs = retryPeriodMs * (0.9 + random.next() * 0.2);
      await clock.sleep(Math.min(pauseMs, candidacy.leftMs()), { signal });
    }
  } finally {
    await candidacy.release();
  }
}
