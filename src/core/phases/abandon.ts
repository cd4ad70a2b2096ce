import { advance } from "../fleet/advance.ts";
import type { NodeInHand, Scene, Step } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import { sentence } from "../verdict/sentence.ts";

/**
 * Gives a node up before any reboot: our cordon comes off in the same write that says so (rule 5). Where the reason
 * would hold again at once, the record stays as a brake for one period.
 */
export function abandon(inHand: NodeInHand, { reason, scene, rests = false, leavesCordon = false }: Abandonment): Step {
  const { node, record } = inHand;
  const untilMs = scene.now.wallMs + (rests ? scene.policy.retryMs : 0);
  const takesBack = record.cordon === "ours" && node.unschedulable && !leavesCordon;
  return advance(inHand, {
    step: "close",
    change: {
      phase: "closing",
      outcome: "withdrawn",
      cordon: "none",
      ...(takesBack && { unschedulable: false }),
      rest: { untilMs, because: sentence(reason).replace(/\.$/, "") },
    },
    reason,
    scene,
  });
}

interface Abandonment {
  readonly reason: Reason;
  readonly scene: Scene;
  /** Not claimed again for one period. */
  readonly rests?: boolean;
  /** The cordon is not ours any more, or was never proven to be. */
  readonly leavesCordon?: boolean;
}
