import { monotonicOf, type NodeInHand, type Scene } from "../scene.ts";
import { feasibility, type Feasibility } from "./feasible.ts";

/**
 * Whether the drain of a node that is ours and still untouched could still go well: with `--drain-delay`, or where
 * something else keeps it, budgets may close for good meanwhile. `undefined` where that need not be asked, because its
 * claim has only just looked at them.
 */
export function stillFeasible({ node, record }: NodeInHand, scene: Scene): Feasibility | undefined {
  const { policy, now } = scene;
  if (policy.drainFeasibility === "off") return undefined;
  const claimedForMs = now.monotonicMs - monotonicOf(record.phaseSinceMs, now);
  const isLong = policy.drainDelayMs > 0 || claimedForMs >= policy.freshness.decisiveMs;
  return isLong ? feasibility(node, scene) : undefined;
}
