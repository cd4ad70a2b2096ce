import type { Action } from "../../action.ts";
import { readiness } from "../../attempt.ts";
import { overdue } from "../../drain/limits.ts";
import type { DrainPlan } from "../../drain/plan.ts";
import type { PodFacts } from "../../drain/pod.ts";
import type { NodeInHand, Scene } from "../../scene.ts";
import { drainLimits } from "./limits.ts";

/** What is done about the pods whose time to be evicted is over. */
export interface Deletions {
  /** Those pods that are not evicted any more. Between two deletions that failed a pod is. */
  readonly late: readonly PodFacts[];
  /** Deletions that failed at the last try, with the reasons for people. */
  readonly failures: readonly { readonly pod: PodFacts; readonly reason: string }[];
  /** The deletions that are due now. */
  readonly actions: readonly Action[];
  /** Whether one is under way or was accepted, though the list that we have may not show it yet. */
  readonly going: boolean;
  readonly wakeAtMs: readonly number[];
}

/** Deletes what is late, each pod once: only one that is still there much later is deleted again. */
export function deletions(inHand: NodeInHand, { plan, scene }: { plan: DrainPlan; scene: Scene }): Deletions {
  const { policy, now, view } = scene;
  const late = overdue(plan, { limits: drainLimits(inHand, scene), nowMonotonicMs: now.monotonicMs });
  const actions: Action[] = [];
  const failures: { readonly pod: PodFacts; readonly reason: string }[] = [];
  const resting = new Set<PodFacts>();
  const wakeAtMs = [late.wakeAtMs];
  let going = false;
  for (const pod of late.pods) {
    const key = `delete/${pod.uid}`;
    const last = view.attempts.get(key)?.last;
    const settledAtMs = last?.outcome.kind === "done" ? last.endedAtMs + settledMs : -Infinity;
    const state = readiness(key, { attempts: view.attempts, now });
    if (last?.outcome.kind === "failed") failures.push({ pod, reason: last.outcome.reason });
    if (state.kind === "resting") resting.add(pod);
    if (state.kind === "busy" || settledAtMs > now.monotonicMs) going = true;
    if (settledAtMs > now.monotonicMs) wakeAtMs.push(settledAtMs);
    else if (state.kind === "resting") wakeAtMs.push(state.untilMs);
    else if (state.kind === "free")
      actions.push({
        kind: "deletePod",
        key,
        node: inHand.node.name,
        namespace: pod.namespace,
        pod: pod.name,
        uid: pod.uid,
        gracePeriodSeconds: policy.drain.gracePeriodSeconds,
      });
  }
  return { late: late.pods.filter((pod) => !resting.has(pod)), failures, actions, going, wakeAtMs };
}

/** As long as after an eviction that was let go. */
const settledMs = 30_000;
