import type { Reason, Verdict } from "../../core/verdict/reason.ts";
import { drainStates } from "../../core/verdict/reason.ts";
import type { Metrics } from "../../ports/metrics.ts";
import type { Teller } from "../teller.ts";
import { namesGone } from "./gone.ts";

/** The family that is kept here, for those who take everything away that they have told. */
export const drainPods = "kured_drain_pods";

/**
 * A teller that counts the pods in the way of each drain, by what becomes of them. A drain that is over counts none.
 */
export function tellingDrainProgress(teller: Teller, { metrics }: { readonly metrics: Metrics }): Teller {
  const counted = new Map<string, Reason>();
  return {
    tell: (verdicts, options) => {
      let drains = 0;
      for (const verdict of verdicts) drains += count(verdict);
      if (counted.size > drains) for (const name of namesGone(counted.keys(), options.view.nodes)) forget(name);
      return teller.tell(verdicts, options);
    },
  };

  /** Answers how many drains it counted: one or none. */
  function count({ node, reasons: [decisive] }: Verdict): number {
    const byState = countsOf(decisive);
    if (byState === undefined) {
      if (counted.has(node)) forget(node);
      return 0;
    }
    // Where nothing has changed it is the very same reason.
    if (counted.get(node) === decisive) return 1;
    counted.set(node, decisive);
    for (const state of drainStates) metrics.set(drainPods, { labels: { node, state }, value: byState[state] ?? 0 });
    return 1;
  }

  function forget(node: string): void {
    counted.delete(node);
    metrics.remove(drainPods, { labels: { node } });
  }
}

function countsOf(reason: Reason) {
  return reason.code === "Draining" || reason.code === "DrainBlocked" ? reason.byState : undefined;
}
