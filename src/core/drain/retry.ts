import type { EvictionOutcome } from "./refusals.ts";

/**
 * How long to wait after `outcome` before the same pod is asked for again, in milliseconds. `failures` counts the
 * refusals in a row, this one included; `rng` is a number in [0, 1) drawn when the attempt ended, which spreads
 * the delays by a fifth both ways, but never below what the answer asked for. An accepted eviction is asked for again
 * only if the pod then still stands there.
 */
export function retryAfter(outcome: EvictionOutcome, failures: number, { rng }: { rng: number }): number {
  const askedMs = "retryAfterMs" in outcome ? (outcome.retryAfterMs ?? 0) : 0;
  return Math.max(askedMs, ownPauseMs(outcome, failures, { rng }));
}

function ownPauseMs(outcome: EvictionOutcome, failures: number, { rng }: { rng: number }): number {
  switch (outcome.kind) {
    case "evicted":
    case "gone":
    case "otherPod":
      return spread(settledMs, rng);
    case "budgetRefused":
    case "budgetPending":
    case "postponed":
      // 5 s is kubectl's; kured 1.23 asks without any pause (bug B4).
      return Math.max(budget.firstMs, spread(grown(budget, failures), rng));
    case "throttled":
      return spread(outcome.retryAfterMs ?? grown(throttle, failures), rng);
    case "severalBudgets":
    case "terminatingNamespace":
    case "forbidden":
    case "failed":
    case "unreachable":
      return spread(grown(other, failures), rng);
  }
}

interface Growth {
  readonly firstMs: number;
  readonly factor: number;
  readonly lastMs: number;
}

const budget: Growth = { firstMs: 5_000, factor: 2, lastMs: 15_000 };
const throttle: Growth = { firstMs: 1_000, factor: 2, lastMs: 10_000 };
const other: Growth = { firstMs: 2_000, factor: 2, lastMs: 30_000 };
const settledMs = 30_000;

function grown({ firstMs, factor, lastMs }: Growth, failures: number): number {
  return Math.min(lastMs, firstMs * factor ** Math.max(0, failures - 1));
}

function spread(delayMs: number, rng: number): number {
  return Math.round(delayMs * (0.8 + 0.4 * rng));
}
