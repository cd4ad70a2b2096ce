import type { Action } from "../../action.ts";
import { withNumbers, type BudgetSighting } from "../../drain/disruption-budget.ts";
import { evictable, type EvictionAttempt } from "../../drain/evictable.ts";
import { emptied, remaining, type DrainPlan } from "../../drain/plan.ts";
import { podTitle, type PodFacts } from "../../drain/pod.ts";
import { refusalSentence } from "../../drain/refusals.ts";
import { selects } from "../../drain/selector.ts";
import type { Attempt } from "../../fleet/view.ts";
import { newerThan, questionKey, type Question } from "../../question.ts";
import type { NodeInHand, Scene, Step } from "../../scene.ts";
import { deletions } from "./deletions.ts";
import { timeoutWakeMs } from "./limits.ts";
import { restingMs } from "../resting.ts";
import { countByState } from "./progress.ts";

/** Evicts what is due; `undefined` when nothing is left that must be gone. */
export function evictions(inHand: NodeInHand, { plan, scene }: { plan: DrainPlan; scene: Scene }): Step | undefined {
  if (emptied(plan)) return undefined;
  const { node } = inHand;
  const { policy, now, view } = scene;
  const deleting = deletions(inHand, { plan, scene });
  const attempts = new Map(plan.pods.map(({ pod }) => [pod.uid, evictionAttempt(view.attempts.get(evictKey(pod)))]));
  const patient = { ...plan, pods: plan.pods.filter(({ pod }) => !deleting.late.includes(pod)) };
  const choice = evictable(patient, {
    attempts,
    nowMonotonicMs: now.monotonicMs,
    limitInFlight: policy.evictionsInFlight,
    budgetsOpenedAtMs: openings(plan, scene),
    unbudgeted: (pod) => isUnbudgeted(pod, scene),
  });
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
  const leaving = deleting.going || somethingLeaving(plan, attempts);
  const going = actions.length > 0 || leaving || inFlight(attempts);
  const onPods = podsLook(inHand, { plan, attempts, leaving, scene });
  return {
    reasons: [drainReason(plan, { attempts, going, scene })],
    actions,
    questions: [...onPods.questions, ...budgetQuestions(plan, scene)],
    wakeAtMs: [choice.wakeAtMs ?? Infinity, timeoutWakeMs(inHand, scene), onPods.wakeAtMs, ...deleting.wakeAtMs],
  };
}

/** The pods in the way, those first that a refusal keeps there; no more than a reader takes in. */
function drainReason(
  plan: DrainPlan,
  { attempts, going, scene }: { attempts: ReadonlyMap<string, EvictionAttempt>; going: boolean; scene: Scene },
): Step["reasons"][0] {
  const inTheWay = remaining(plan).map(({ pod, sentence }) => {
    // What was refused to us and was deleted by somebody else goes all the same.
    const attempt = pod.deletionTimestampMs === undefined ? attempts.get(pod.uid) : undefined;
    const refusal = refusalOf(pod, { attempt, scene });
    if (pod.evictionInProgress !== undefined && refusal !== undefined)
      return { refused: false, pod, sentence: movingSentence(pod) };
    return { refused: refusal !== undefined, pod, sentence: refusal ?? sentence };
  });
  const asking = plan.pods.some(({ kind }) => kind === "ask");
  const waiting = plan.pods.some(({ kind, pod }) => kind === "await" || pod.evictionInProgress !== undefined);
  const blocked = (!going && !asking && !waiting) || inTheWay.some(({ refused }) => refused);
  const pods = inTheWay
    .toSorted((one, other) => Number(other.refused) - Number(one.refused))
    .slice(0, 10)
    .map(({ pod, sentence }) => ({ pod: podTitle(pod), sentence }));
  const refused = new Set(inTheWay.flatMap((one) => (one.refused ? [one.pod.uid] : [])));
  const byState = countByState(plan, refused);
  return { code: blocked ? "DrainBlocked" : "Draining", left: inTheWay.length, pods, byState };
}

/** An eviction that takes its time, as KubeVirt's live migrations do: it is refused until it is done, and that is no failure. */
function movingSentence(pod: PodFacts): string {
  const by = pod.evictionInProgress === "" ? "another controller" : `"${pod.evictionInProgress}"`;
  return `Pod ${podTitle(pod)} is being moved away by ${by}, as its annotation says.`;
}

/**
 * When the pods are looked at again. Those on their way out are watched closely, for the first time a moment after the
 * last of them was let go: many stop at once. With none on its way, pods change only by what others do, which the next
 * eviction tells too.
 */
function podsLook(
  inHand: NodeInHand,
  { plan, attempts, leaving, scene }: Drain & { readonly leaving: boolean },
): { readonly questions: readonly Question[]; readonly wakeAtMs: number } {
  const { view, now, policy } = scene;
  const { goingMs } = policy.freshness;
  const look = (freshForMs: number): Question => ({ kind: "pods", node: inHand.node.name, freshForMs });
  const restMs = restingMs(inHand, scene);
  const waits = plan.pods.some(({ kind, pod }) => kind === "await" || pod.evictionInProgress !== undefined);
  if (!leaving) return { questions: [look(waits ? restMs : 2 * restMs)], wakeAtMs: Infinity };
  const letGoAtMs = Array.from(attempts.values(), ({ last }) => (last && isLetGo(last) ? last.endedAtMs : -Infinity));
  const firstLookAtMs = Math.max(...letGoAtMs) + goingMs / 10;
  const seenAtMs = view.answers.get(questionKey(look(0)))?.observedAtMs ?? -Infinity;
  if (inFlight(attempts) || seenAtMs >= firstLookAtMs) return { questions: [look(goingMs)], wakeAtMs: Infinity };
  if (firstLookAtMs > now.monotonicMs) return { questions: [look(goingMs)], wakeAtMs: firstLookAtMs };
  return { questions: [look(newerThan(firstLookAtMs, { now, freshForMs: goingMs }))], wakeAtMs: Infinity };
}

/** The pods of a drain and what is known of their evictions, by uid. */
interface Drain {
  readonly plan: DrainPlan;
  readonly attempts: ReadonlyMap<string, EvictionAttempt>;
  readonly scene: Scene;
}

function budgetQuestions(plan: DrainPlan, { policy }: Scene): readonly Question[] {
  const namespaces = new Set(plan.pods.flatMap(({ kind, pod }) => (kind === "evict" ? [pod.namespace] : [])));
  const freshForMs = policy.freshness.restingMs;
  return Array.from(namespaces, (namespace): Question => ({ kind: "budgets", namespace, freshForMs }));
}

/** By `namespace/name`, when each budget was last seen to open. */
function openings(plan: DrainPlan, scene: Scene): ReadonlyMap<string, number> {
  const openedAtMs = new Map<string, number>();
  for (const namespace of new Set(plan.pods.map(({ pod }) => pod.namespace))) {
    for (const [name, sighting] of budgetsOf(namespace, scene)) {
      if (sighting.openedAtMs !== undefined) openedAtMs.set(`${namespace}/${name}`, sighting.openedAtMs);
    }
  }
  return openedAtMs;
}

/** None where budgets are not watched. */
function budgetsOf(namespace: string, scene: Scene): ReadonlyMap<string, BudgetSighting> {
  return seenBudgets(namespace, scene) ?? new Map();
}

function seenBudgets(namespace: string, { view }: Scene): ReadonlyMap<string, BudgetSighting> | undefined {
  const answer = view.answers.get(questionKey({ kind: "budgets", namespace, freshForMs: 0 }));
  return answer?.kind === "budgets" ? answer.budgets : undefined;
}

/** Whether it is known that no budget is about the pod. */
function isUnbudgeted({ namespace, labels }: PodFacts, scene: Scene): boolean {
  const budgets = seenBudgets(namespace, scene);
  return (
    budgets !== undefined &&
    budgets.values().every(({ budget: { selector }, gone }) => gone === true || !selector || !selects(selector, labels))
  );
}

function evictKey(pod: PodFacts): string {
  return `evict/${pod.uid}`;
}

function evictionAttempt(attempt: Attempt | undefined): EvictionAttempt {
  if (attempt === undefined) return { failures: 0, jitter: 0 };
  const { inFlightSinceMs, last, failures, jitter, refusedBy } = attempt;
  return {
    failures,
    jitter,
    ...(inFlightSinceMs !== undefined && { inFlightSinceMs }),
    ...(refusedBy !== undefined && { refusedBy }),
    ...(last && {
      last: {
        endedAtMs: last.endedAtMs,
        outcome: last.outcome.kind === "eviction" ? last.outcome.outcome : { kind: "unreachable" },
      },
    }),
  };
}

/** Whether a drain of this plan has been begun, as far as this process knows. */
export function hasBegun({ pods }: DrainPlan, { view }: Scene): boolean {
  return pods.some(({ kind, pod }) => kind === "terminating" || view.attempts.has(evictKey(pod)));
}

/** Whether a pod is on its way out, or an eviction of one that was not tried again since has been let go. */
function somethingLeaving(plan: DrainPlan, attempts: ReadonlyMap<string, EvictionAttempt>): boolean {
  return plan.pods.some(({ kind }) => kind === "terminating") || attempts.values().some(({ last }) => isLetGo(last));
}

function inFlight(attempts: ReadonlyMap<string, EvictionAttempt>): boolean {
  return attempts.values().some(({ inFlightSinceMs }) => inFlightSinceMs !== undefined);
}

/** Let go, though the list that we have does not show it yet. */
function isLetGo(last: EvictionAttempt["last"]): boolean {
  return last?.outcome.kind === "evicted" || last?.outcome.kind === "gone" || last?.outcome.kind === "otherPod";
}

/** With the budget's numbers as they are now, which may have changed since it refused. */
function refusalOf(
  pod: PodFacts,
  { attempt, scene }: { attempt: EvictionAttempt | undefined; scene: Scene },
): string | undefined {
  return attempt?.last && refusalSentence(pod, withNumbers(attempt.last.outcome, budgetsOf(pod.namespace, scene)));
}
