import { advance } from "../fleet/advance.ts";
import { hasOurEntry } from "../lock/place.ts";
import { lookAtLedger } from "../lock/waiting.ts";
import { monotonicOf, type NodeInHand, type Scene, type Step } from "../scene.ts";
import { abandon } from "./abandon.ts";
import { beforeCordon } from "./intended.ts";

/** The lock is ours, the node untouched. Everything that allowed the claim is asked once more before the cordon. */
export function claimed(inHand: NodeInHand, scene: Scene): Step {
  const { node, record } = inHand;
  const { ledger } = scene.view;
  if (ledger.kind === "unseen") return lookAtLedger({ code: "LockUnknown", detail: ledger.reason }, scene);
  if (!hasOurEntry(ledger, inHand)) return abandon(inHand, { reason: { code: "LockLost" }, scene });
  const refusal = beforeCordon(inHand, scene);
  if (refusal) return refusal;
  const cordonAtMs = monotonicOf(record.phaseSinceMs + scene.policy.drainDelayMs, scene.now);
  if (cordonAtMs > scene.now.monotonicMs) return { reasons: [{ code: "Claiming" }], wakeAtMs: [cordonAtMs] };
  // An adopted record knows whose cordon it is; otherwise one that is there before ours is somebody else's.
  const theirs = record.cordon === "none" && node.unschedulable;
  return advance(inHand, {
    step: "cordon",
    change: {
      phase: "draining",
      cordon: record.cordon === "none" ? (theirs ? "theirs" : "ours") : record.cordon,
      ...(!node.unschedulable && { unschedulable: true }),
    },
    reason: { code: "Draining", left: 0, pods: [] },
    scene,
  });
}
