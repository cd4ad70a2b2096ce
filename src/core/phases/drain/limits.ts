import type { DrainLimits } from "../../drain/limits.ts";
import type { Policy } from "../../policy/policy.ts";
import { monotonicOf, type NodeInHand, type Scene } from "../../scene.ts";

/** Whether the time that the operator gives a drain is over. What an empty node waits for takes nothing off it. */
export function drainTimedOut(inHand: NodeInHand, scene: Scene): boolean {
  return timeoutAtMs(inHand, scene) <= scene.now.monotonicMs;
}

/** Whether the reboot goes on whatever is left on the node. Counts from the cordon, also after an approval was taken back. */
export function pastHardEnd(inHand: NodeInHand, scene: Scene): boolean {
  return hardEndMs(inHand, scene) <= scene.now.monotonicMs;
}

/** When this drain stops being patient. */
export function drainLimits(inHand: NodeInHand, scene: Scene): DrainLimits {
  return {
    deleteFromMs: scene.policy.onDrainTimeout === "delete" ? timeoutAtMs(inHand, scene) : Infinity,
    hardEndMs: hardEndMs(inHand, scene),
  };
}

/** When (monotonic) the drain timeout will be over; `Infinity` without one, and when it is over already. */
export function timeoutWakeMs(inHand: NodeInHand, scene: Scene): number {
  const atMs = timeoutAtMs(inHand, scene);
  return atMs > scene.now.monotonicMs ? atMs : Infinity;
}

function timeoutAtMs({ record }: NodeInHand, { policy, now }: Scene): number {
  if (policy.drainTimeoutMs <= 0) return Infinity;
  const waitsMs = record.drainedAtMs === undefined ? 0 : waitsMsMax(policy);
  return monotonicOf(record.phaseSinceMs + policy.drainTimeoutMs + waitsMs, now);
}

/** How long an empty node may wait before its approval. */
function waitsMsMax({ rebootDelayMs, volumeDetachTimeoutMs, readyElsewhere }: Policy): number {
  return rebootDelayMs + volumeDetachTimeoutMs + (readyElsewhere.waits === "reboot" ? readyElsewhere.timeoutMs : 0);
}

function hardEndMs({ record }: NodeInHand, { policy, now }: Scene): number {
  if (policy.drainHardEndMs <= 0) return Infinity;
  return monotonicOf((record.drainingSinceMs ?? record.phaseSinceMs) + policy.drainHardEndMs, now);
}
