import type { Reason, Verdict } from "../../core/verdict/reason.ts";
import { drainStates } from "../../core/verdict/reason.ts";
import type { Metrics } from "../../ports/metrics.ts";
import type { Teller } from "../teller.ts";

/** The family that is kept here, for those who take everything away that they have told. */
export const drainPods = "kured_drain_pods";

/** A teller that counts the pods in the way of each drain, by what becomes of them. A drain that is over counts none. */
export function tellingDrainProgress(teller: Teller, { metrics }: { readonly metrics: Metrics }): Teller {
  const counted = new Set<string>();
  return {
    tell: (verdicts, options) => {
      for (const verdict of verdicts) count(verdict);
      const nodes = new Set(options.view.nodes.map(({ name }) => name));
      for (const node of counted) if (!nodes.has(node)) forget(node);
      return teller.tell(verdicts, options);
    },
  };

  function count({ node, reasons: [decisive] }: Verdict): void {
    const byState = countsOf(decisive);
    if (byState === undefined) {
      if (counted.has(node)) forget(node);
      return;
    }
    counted.add(node);
    for (const state of drainStates) metrics.set(drainPods, { labels: { node, state }, value: byState[state] ?? 0 });
  }

  function forget(node: string): void {
    counted.delete(node);
    metrics.remove(drainPods, { labels: { node } });
  }
}

function countsOf(reason: Reason) {
  return reason.code === "Draining" || reason.code === "DrainBlocked" ? reason.byState : undefined;
}
