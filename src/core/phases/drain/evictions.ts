import type { Action } from "../../action.ts";
import { withNumbers, type BudgetSighting } from "../../drain/disruption-budget.ts";
import { evictable, type EvictionAttempt } from "../../drain/evictable.ts";
import { emptied, remaining, type DrainPlan } from "../../drain/plan.ts";
import { podTitle, type PodFacts } from "../../drain/pod.ts";
import { refusalSentence } from "../../drain/refusals.ts";
import { selects, type Selector } from "../../drain/selector.ts";
import type { Attempt } from "../../fleet/view.ts";
import { questionKey, type Question } from "../../question.ts";
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
    unbudgeted: unbudgeted(scene),
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
  const onPods: Question = {
    kind: "pods",
    node: node.name,
    freshForMs: podsFreshForMs(inHand, { plan, attempts, leaving, scene }),
  };
  return {
    reasons: [drainReason(plan, { attempts, going, scene })],
    actions,
    questions: [onPods, ...budgetQuestions(plan, scene)],
    wakeAtMs: [choice.wakeAtMs ?? Infinity, timeoutWakeMs(inHand, scene), ...deleting.wakeAtMs],
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
 * How old what is known of the pods may be. Those on their way out are looked after closely, for the first time a moment
 * after the last of them was let go and then less and less often: many stop at once, others take minutes. With none on
 * its way, pods change only by what others do, which the next eviction tells too.
 */
function podsFreshForMs(
  inHand: NodeInHand,
  { plan, attempts, leaving, scene }: Drain & { readonly leaving: boolean },
): number {
  const { goingMs } = scene.policy.freshness;
  const waits = plan.pods.some(({ kind, pod }) => kind === "await" || pod.evictionInProgress !== undefined);
  if (!leaving) return (waits ? 1 : 2) * restingMs(inHand, scene);
  const letGoAtMs = Math.max(...attempts.values().map(({ last }) => (isLetGo(last) ? last.endedAtMs : -Infinity)));
  if (inFlight(attempts) || letGoAtMs === -Infinity) return goingMs;
  const key = questionKey({ kind: "pods", node: inHand.node.name, freshForMs: 0 });
  const seenAtMs = scene.view.answers.get(key)?.observedAtMs ?? -Infinity;
  const pauseMs = Math.min(goingMs, Math.max(goingMs / 5, 1.5 * (seenAtMs - letGoAtMs)));
  return Math.max(seenAtMs, letGoAtMs) + pauseMs - seenAtMs;
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

/** Whether it is known of a pod that no budget is about it. */
function unbudgeted(scene: Scene): (pod: PodFacts) => boolean {
  const selectors = new Map<string, readonly Selector[] | undefined>();
  return ({ namespace, labels }) => {
    if (!selectors.has(namespace)) selectors.set(namespace, selectorsOf(namespace, scene));
    return selectors.get(namespace)?.every((selector) => !selects(selector, labels)) === true;
  };
}

function selectorsOf(namespace: string, scene: Scene): readonly Selector[] | undefined {
  const budgets = seenBudgets(namespace, scene);
  return budgets && [...budgets.values()].flatMap(({ budget, gone }) => (gone ? [] : (budget.selector ?? [])));
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
function isLetGo(last: EvictionAttempt["last"]): last is NonNullable<EvictionAttempt["last"]> {
  return last?.outcome.kind === "evicted" || last?.outcome.kind === "gone" || last?.outcome.kind === "otherPod";
}

/** With the budget's numbers as they are now, which may have changed since it refused. */
function refusalOf(
  pod: PodFacts,
  { attempt, scene }: { attempt: EvictionAttempt | undefined; scene: Scene },
): string | undefined {
  return attempt?.last && refusalSentence(pod, withNumbers(attempt.last.outcome, budgetsOf(pod.namespace, scene)));
}
