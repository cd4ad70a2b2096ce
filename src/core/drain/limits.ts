import { isGoing, type DrainPlan } from "./plan.ts";
import type { PodFacts } from "./pod.ts";

/** When (monotonic) a drain stops being patient; `Infinity` for never. */
export interface DrainLimits {
  /** From here on every pod is deleted rather than evicted: no budget is asked any more. */
  readonly deleteFromMs: number;
  /** Here the reboot goes on, whatever is left. Each pod is deleted in time for its grace period. */
  readonly hardEndMs: number;
  /** The grace period that deletions ask for instead of each pod's own. */
  readonly graceSeconds?: number;
}

/** Pods to delete now because their time is over, and when the next one's will be. */
export interface Overdue {
  readonly pods: readonly PodFacts[];
  readonly wakeAtMs: number;
}

/** Also pods that are waited for until they have completed; what terminates already needs nothing more. */
export function overdue(
  plan: DrainPlan,
  { limits, nowMonotonicMs }: { readonly limits: DrainLimits; readonly nowMonotonicMs: number },
): Overdue {
  if (limits.deleteFromMs === Infinity && limits.hardEndMs === Infinity) return { pods: [], wakeAtMs: Infinity };
  const waiting = plan.pods.filter((planned) => isGoing(planned) && planned.kind !== "terminating");
  const timed = waiting.map(({ pod }) => ({ pod, atMs: endOf(pod, limits) }));
  const pods = timed.filter(({ atMs }) => atMs <= nowMonotonicMs).map(({ pod }) => pod);
  const later = timed.map(({ atMs }) => atMs).filter((atMs) => atMs > nowMonotonicMs);
  return { pods, wakeAtMs: Math.min(limits.hardEndMs > nowMonotonicMs ? limits.hardEndMs : Infinity, ...later) };
}

function endOf({ terminationGraceSeconds = defaultGraceSeconds }: PodFacts, limits: DrainLimits): number {
  const { deleteFromMs, hardEndMs, graceSeconds = terminationGraceSeconds } = limits;
  return Math.min(deleteFromMs, hardEndMs - graceSeconds * 1_000);
}

/** Kubernetes' own. */
const defaultGraceSeconds = 30;
