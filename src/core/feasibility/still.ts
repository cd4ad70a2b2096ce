import type { Answer } from "../question.ts";
import { monotonicOf, type NodeInHand, type Scene } from "../scene.ts";
import { feasibility, type Feasibility } from "./feasible.ts";

/**
 * Whether the drain of a node could still go well that has been ours for longer than a look counts, with
 * `--drain-delay` for example: budgets may have closed meanwhile. `undefined` where that need not be asked.
 */
export function stillFeasible({ node, record }: NodeInHand, scene: Scene): Feasibility | undefined {
  const { policy, now, view } = scene;
  const claimedAtMs = monotonicOf(record.phaseSinceMs, now);
  if (policy.drainFeasibility === "off" || now.monotonicMs - claimedAtMs < policy.freshness.decisiveMs)
    return undefined;
  const sinceMs = claimedAtMs + policy.drainDelayMs;
  const counts = ([, answer]: readonly [string, Answer]): boolean =>
    !changing.has(answer.kind) || answer.observedAtMs >= sinceMs;
  return feasibility(node, { ...scene, view: { ...view, answers: new Map(view.answers.entries().filter(counts)) } });
}

/** What a volume is bound to stays as it is. */
const changing: ReadonlySet<Answer["kind"]> = new Set(["pods", "budgets", "dryRun", "failed"]);
