import { advance, forget } from "../fleet/advance.ts";
import { hasOurEntry } from "../lock/place.ts";
import { ledgerFresh } from "../lock/waiting.ts";
import type { NodeInHand, Scene, Step } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import { sentence } from "../verdict/sentence.ts";

/**
 * Gives a node up before any reboot: our cordon comes off in the same write that says so (rule 5). Where the reason
 * would hold again at once, the record stays as a brake for one period.
 */
export function abandon(
  inHand: NodeInHand,
  { reason, scene, rests = false }: { reason: Reason; scene: Scene; rests?: boolean },
): Step {
  const { record } = inHand;
  const { ledger } = scene.view;
  const untouched =
    record.cordon !== "ours" && ledger.kind === "seen" && ledgerFresh(ledger, scene) && !hasOurEntry(ledger, inHand);
  if (untouched && !rests) return forget(inHand, { reason, scene });
  return advance(inHand, {
    step: "close",
    change: {
      phase: "closing",
      outcome: "withdrawn",
      cordon: "none",
      ...(record.cordon === "ours" && { unschedulable: false }),
      rest: { untilMs: rests ? scene.now.wallMs + scene.policy.retryMs : scene.now.wallMs, because: sentence(reason) },
    },
    reason,
    scene,
  });
}
