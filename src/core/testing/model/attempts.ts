import type { ActionOutcome, Attempt } from "../../fleet/view.ts";

/** What one process has tried, kept as the loops keep it. */
export class ModelAttempts {
  readonly all = new Map<string, Attempt>();

  begin(key: string, nowMs: number): void {
    this.all.set(key, { ...(this.all.get(key) ?? { failures: 0, jitter: 0 }), inFlightSinceMs: nowMs });
  }

  end(key: string, { outcome, nowMs, jitter }: { outcome: ActionOutcome; nowMs: number; jitter: number }): void {
    const before = this.all.get(key);
    const evicted = outcome.kind === "eviction" && outcome.outcome.kind === "evicted";
    const refusedBy =
      outcome.kind === "eviction" && outcome.outcome.kind === "budgetRefused"
        ? `shop/${outcome.outcome.budget ?? ""}`
        : before?.refusedBy;
    this.all.set(key, {
      last: { outcome, endedAtMs: nowMs },
      failures: evicted || outcome.kind === "done" ? 0 : (before?.failures ?? 0) + 1,
      jitter,
      ...(refusedBy !== undefined && { refusedBy }),
    });
  }
}
