import type { DrainLimits } from "../../drain/limits.ts";
import { emptied, type DrainPlan } from "../../drain/plan.ts";
import type { Policy } from "../../policy/policy.ts";
import { monotonicOf, type NodeInHand, type Scene } from "../../scene.ts";

/** Whether the time that the operator gives a drain is over. What an empty node waits for takes nothing off it. */
export function drainTimedOut(inHand: NodeInHand, scene: Scene): boolean {
  return timeoutAtMs(inHand, scene) <= scene.now.monotonicMs;
}

/**
 * Whether the reboot goes on whatever is left on the node. Counts from the cordon, also after an approval was taken
 * back.
 */
export function pastHardEnd(inHand: NodeInHand, scene: Scene): boolean {
  return hardEndMs(inHand, scene) <= scene.now.monotonicMs;
}

/** Whether the reboot goes on with whatever is left, by the operator's wish. */
export function isForced(inHand: NodeInHand, { plan, scene }: { plan: DrainPlan; scene: Scene }): boolean {
  if (pastHardEnd(inHand, scene)) return true;
  return scene.policy.onDrainTimeout === "force" && isLate(inHand, { plan, scene });
}

/**
 * Whether the drain timeout of this plan is over. To a forced reboot of a node with pods left the waits of an empty one
 * add nothing.
 */
export function isLate(inHand: NodeInHand, { plan, scene }: { plan: DrainPlan; scene: Scene }): boolean {
  if (scene.policy.onDrainTimeout !== "force" || emptied(plan)) return drainTimedOut(inHand, scene);
  return busyTimeoutAtMs(inHand, scene) <= scene.now.monotonicMs;
}

/** Whether a reboot that is approved goes on with pods that must go, because the time for that is over. */
export function mayLeavePods(inHand: NodeInHand, scene: Scene): boolean {
  const { policy, now } = scene;
  const { drainingSinceMs } = inHand.record;
  if (pastHardEnd(inHand, scene)) return true;
  if (policy.onDrainTimeout !== "force" || policy.drainTimeoutMs <= 0) return false;
  // An approval that is taken back again and again would be worse.
  if (drainingSinceMs === undefined) return true;
  return monotonicOf(drainingSinceMs + policy.drainTimeoutMs, now) <= now.monotonicMs;
}

/** Whether the instant of the cordon must survive the phase. */
export function countsFromCordon({ drainHardEndMs, onDrainTimeout, drainTimeoutMs }: Policy): boolean {
  return drainHardEndMs > 0 || (onDrainTimeout === "force" && drainTimeoutMs > 0);
}

/** When this drain stops being patient. */
export function drainLimits(inHand: NodeInHand, scene: Scene): DrainLimits {
  const { onDrainTimeout, drain } = scene.policy;
  return {
    deleteFromMs: onDrainTimeout === "delete" ? timeoutAtMs(inHand, scene) : Infinity,
    hardEndMs: hardEndMs(inHand, scene),
    ...(drain.gracePeriodSeconds >= 0 && { graceSeconds: drain.gracePeriodSeconds }),
  };
}

/** The instants (monotonic) still to come at which a time of this drain is over. */
export function limitWakesMs(inHand: NodeInHand, scene: Scene): readonly number[] {
  const limits = [timeoutAtMs(inHand, scene), busyTimeoutAtMs(inHand, scene), hardEndMs(inHand, scene)];
  return limits.filter((atMs) => atMs > scene.now.monotonicMs && atMs !== Infinity);
}

/**
 * When (monotonic) the next of the pods that terminate will have done so for longer than anybody waits; `Infinity` for
 * none.
 */
export function skipWakeMs({ pods }: DrainPlan, { policy, now }: Scene): number {
  const { skipWaitForDeleteSeconds } = policy.drain;
  if (skipWaitForDeleteSeconds <= 0) return Infinity;
  // Whole seconds are compared, of which it must be one more.
  const skippedMs = (skipWaitForDeleteSeconds + 1) * 1_000;
  const ends = pods.flatMap((one) => (one.kind === "terminating" ? [one.graceEndsMs + skippedMs] : []));
  return monotonicOf(Math.min(...ends), now);
}

function timeoutAtMs(inHand: NodeInHand, scene: Scene): number {
  const waitsMs = inHand.record.drainedAtMs === undefined ? 0 : waitsMsMax(scene.policy);
  return busyTimeoutAtMs(inHand, scene) + waitsMs;
}

/** Of a drain that was never seen complete. */
function busyTimeoutAtMs({ record }: NodeInHand, { policy, now }: Scene): number {
  return policy.drainTimeoutMs <= 0 ? Infinity : monotonicOf(record.phaseSinceMs + policy.drainTimeoutMs, now);
}

/** How long an empty node may wait before its approval. */
function waitsMsMax({ rebootDelayMs, volumeDetachTimeoutMs, readyElsewhere }: Policy): number {
  return rebootDelayMs + volumeDetachTimeoutMs + (readyElsewhere.waits === "reboot" ? readyElsewhere.timeoutMs : 0);
}

function hardEndMs({ record }: NodeInHand, { policy, now }: Scene): number {
  if (policy.drainHardEndMs <= 0) return Infinity;
  return monotonicOf((record.drainingSinceMs ?? record.phaseSinceMs) + policy.drainHardEndMs, now);
}
