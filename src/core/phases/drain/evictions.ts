import type { Action } from "../../action.ts";
import { dueEvictions, evictionOrder, type EvictionOrder } from "../../drain/evictable.ts";
import type { DrainPlan } from "../../drain/plan.ts";
import { podTitle, type PodFacts } from "../../drain/pod.ts";
import type { DrainSituation } from "../../memory.ts";
import { questionKey, type Question } from "../../question.ts";
import type { NodeInHand, Scene, Step } from "../../scene.ts";
import type { Reason } from "../../verdict/reason.ts";
import { restingMs } from "../resting.ts";
import { deletions, type Deletions } from "./deletions.ts";
import { evictFacts, evictKey } from "./situation.ts";

/** Evicts what is due, of a plan by which something must still go. */
export function evictions(
  inHand: NodeInHand,
  { plan, situation, scene }: { plan: DrainPlan; situation: DrainSituation; scene: Scene },
): Step {
  const { node } = inHand;
  const { policy, now } = scene;
  const deleting = deletions(inHand, { plan, scene });
  const order = deleting.late.length === 0 ? situation.order : orderWithout(deleting.late, { plan, scene });
  const choice = dueEvictions(order, { nowMonotonicMs: now.monotonicMs, limitInFlight: policy.evictionsInFlight });
  const eviction = (pod: PodFacts): Action => ({
    kind: "evict",
    key: evictKey(pod),
    node: node.name,
    namespace: pod.namespace,
    pod: pod.name,
    uid: pod.uid,
    gracePeriodSeconds: policy.drain.gracePeriodSeconds,
  });
  const actions = [...choice.pods.map(eviction), ...deleting.actions];
  const leaving = deleting.going || situation.leaving;
  const going = actions.length > 0 || leaving || situation.inFlight;
  const onPods: Question = {
    kind: "pods",
    node: node.name,
    freshForMs: podsFreshForMs(inHand, { situation, leaving, scene }),
  };
  const reason = going ? situation.reasons.going : situation.reasons.standing;
  return {
    reasons: [withFailures(reason, deleting.failures)],
    actions,
    questions: [onPods, ...situation.budgets],
    wakeAtMs: [choice.wakeAtMs ?? Infinity, ...deleting.wakeAtMs],
  };
}

/** Why a pod could not be deleted counts more than why it was not evicted before. */
function withFailures(reason: Reason, failures: Deletions["failures"]): Reason {
  if (failures.length === 0 || (reason.code !== "Draining" && reason.code !== "DrainBlocked")) return reason;
  const told = failures.map(({ pod, reason: why }) => ({
    pod: podTitle(pod),
    sentence: `Deleting pod ${podTitle(pod)} failed: ${why}`,
  }));
  const titles = new Set(told.map(({ pod }) => pod));
  const others = reason.pods.filter(({ pod }) => !titles.has(pod));
  return { ...reason, code: "DrainBlocked", pods: [...told, ...others].slice(0, 10) };
}

/** Those whose time to be evicted is over are deleted instead. */
function orderWithout(late: readonly PodFacts[], { plan, scene }: { plan: DrainPlan; scene: Scene }): EvictionOrder {
  const patient = { ...plan, pods: plan.pods.filter(({ pod }) => !late.includes(pod)) };
  return evictionOrder(patient, evictFacts(plan, scene));
}

/**
 * How old what is known of the pods may be. Those on their way out are looked after closely, for the first time a
 * moment after the last of them was let go and then less and less often: many stop at once, others take minutes. With
 * none on its way, pods change only by what others do, which the next eviction tells too.
 */
function podsFreshForMs(
  inHand: NodeInHand,
  { situation, leaving, scene }: { situation: DrainSituation; leaving: boolean; scene: Scene },
): number {
  const { goingMs } = scene.policy.freshness;
  if (!leaving) return (situation.waits ? 1 : 2) * restingMs(inHand, scene);
  const { letGoAtMs, inFlight } = situation;
  if (inFlight || letGoAtMs === -Infinity) return goingMs;
  const key = questionKey({ kind: "pods", node: inHand.node.name, freshForMs: 0 });
  const seenAtMs = scene.view.answers.get(key)?.observedAtMs ?? -Infinity;
  const pauseMs = Math.min(goingMs, Math.max(goingMs / 5, seenAtMs - letGoAtMs));
  return Math.max(seenAtMs, letGoAtMs) + pauseMs - seenAtMs;
}
