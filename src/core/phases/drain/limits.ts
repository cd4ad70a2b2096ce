import type { DrainLimits } from "../../drain/limits.ts";
import { monotonicOf, type NodeInHand, type Scene } from "../../scene.ts";

/** Whether the time that the operator gives a drain is over. */
export function drainTimedOut({ record }: NodeInHand, { policy, now }: Scene): boolean {
  return policy.drainTimeoutMs > 0 && now.wallMs - record.phaseSinceMs >= policy.drainTimeoutMs;
}

/** Whether the reboot goes on whatever is left on the node. Counts from the cordon, also after an approval was taken back. */
export function pastHardEnd(inHand: NodeInHand, scene: Scene): boolean {
  return hardEndMs(inHand, scene) <= scene.now.monotonicMs;
}

/** When this drain stops being patient. */
export function drainLimits(inHand: NodeInHand, scene: Scene): DrainLimits {
  const { policy } = scene;
  const deletes = policy.onDrainTimeout === "delete" && policy.drainTimeoutMs > 0;
  return {
    deleteFromMs: deletes ? timeoutAtMs(inHand, scene) : Infinity,
    hardEndMs: hardEndMs(inHand, scene),
  };
}

/** When (monotonic) the drain timeout will be over; `Infinity` without one, and when it is over already. */
export function timeoutWakeMs(inHand: NodeInHand, scene: Scene): number {
  const atMs = timeoutAtMs(inHand, scene);
  return atMs > scene.now.monotonicMs ? atMs : Infinity;
}

function timeoutAtMs({ record }: NodeInHand, { policy, now }: Scene): number {
  return policy.drainTimeoutMs > 0 ? monotonicOf(record.phaseSinceMs + policy.drainTimeoutMs, now) : Infinity;
}

function hardEndMs({ record }: NodeInHand, { policy, now }: Scene): number {
  if (policy.drainHardEndMs <= 0) return Infinity;
  return monotonicOf((record.drainingSinceMs ?? record.phaseSinceMs) + policy.drainHardEndMs, now);
}
