import { advance } from "../fleet/advance.ts";
import { monotonicOf, type NodeInHand, type Scene, type Step } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import { sentence } from "../verdict/sentence.ts";
import { resting } from "./resting.ts";

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
      rest: { untilMs, because: because(reason) },
    },
    reason,
    scene,
  });
}

/** Told again with "The node is given back" before it, which must not stand there twice. */
function because(reason: Reason): string {
  return reason.code === "Closing" ? reason.detail : sentence(reason).replace(/\.$/, "");
}

interface Abandonment {
  readonly reason: Reason;
  readonly scene: Scene;
  /** Not claimed again for one period. */
  readonly rests?: boolean;
  /** The cordon is not ours any more, or was never proven to be. */
  readonly leavesCordon?: boolean;
}

/**
 * A drained node that may not be rebooted, or that nobody can reboot, is given back after ten minutes rather than kept
 * drained.
 */
export function doubted(inHand: NodeInHand, { reason, scene }: { reason: Reason; scene: Scene }): Step {
  const { doubtSinceMs } = inHand.record;
  if (doubtSinceMs === undefined)
    return advance(inHand, { step: "doubt", change: { doubtSinceMs: scene.now.wallMs }, reason, scene });
  if (scene.now.wallMs - doubtSinceMs >= doubtMsMax) return abandon(inHand, { reason, scene, rests: true });
  const endsAtMs = monotonicOf(doubtSinceMs + doubtMsMax, scene.now);
  return { reasons: [reason], questions: resting(inHand, scene), wakeAtMs: [endsAtMs] };
}

const doubtMsMax = 10 * 60_000;
