import { withNumbers, type BudgetSighting } from "../../drain/disruption-budget.ts";
import { evictionOrder, type EvictionAttempt, type EvictionFacts } from "../../drain/evictable.ts";
import { remaining, type DrainPlan, type PlannedPod } from "../../drain/plan.ts";
import { podTitle, type PodFacts } from "../../drain/pod.ts";
import { refusalSentence, refusingBudget } from "../../drain/refusals.ts";
import { formatSelector, selects, type Selector } from "../../drain/selector.ts";
import type { Attempt } from "../../fleet/view.ts";
import { recalled, type DrainSituation, type KeptSituation } from "../../memory.ts";
import { questionKey, type Question } from "../../question.ts";
import type { Scene } from "../../scene.ts";
import type { Reason } from "../../verdict/reason.ts";
import { countByState } from "./progress.ts";

/** Under which key the eviction of a pod is tried. */
export function evictKey({ uid }: PodFacts): string {
  return `evict/${uid}`;
}

/** How the drain by this plan stands: worked out anew when something of it was tried, or a budget in its way changed. */
export function situationOf(plan: DrainPlan, scene: Scene): DrainSituation {
  const kept = scene.view.memory?.situations.get(plan);
  if (kept && isCurrent(kept, scene)) return kept.value;
  const found = situate(plan, scene);
  scene.view.memory?.situations.set(plan, found);
  return found.value;
}

function isCurrent({ policy, attempts, refusals, selectors }: KeptSituation, scene: Scene): boolean {
  if (policy !== scene.policy) return false;
  const known = scene.view.attempts;
  // Without closures: at every decision this looks at thousands of attempts and budgets.
  for (const { key, attempt } of attempts) if (known.get(key) !== attempt) return false;
  for (const { key, budgets, text } of selectors)
    if (seenBudgets(key, scene) !== budgets && selectorsOf(key, scene) !== text) return false;
  for (const { key, budget, sighting } of refusals) if (seenBudgets(key, scene)?.get(budget) !== sighting) return false;
  return true;
}

/** What the evictions of a plan's pods depend on beside the plan. */
export function evictFacts(plan: DrainPlan, scene: Scene): EvictionFacts & { readonly refusals: readonly Refusal[] } {
  const { attempts: known } = scene.view;
  const attempts = new Map(plan.pods.map(({ pod }) => [pod.uid, evictionAttempt(known.get(evictKey(pod)))]));
  const refusals = refusalsOf(plan, { attempts, scene });
  const openings = refusals.flatMap(({ title, sighting }): readonly [string, number][] =>
    sighting?.openedAtMs === undefined ? [] : [[title, sighting.openedAtMs]],
  );
  return { attempts, refusals, budgetsOpenedAtMs: new Map(openings), unbudgeted: unbudgeted(scene) };
}

function situate(plan: DrainPlan, scene: Scene): KeptSituation {
  const { policy, view } = scene;
  const facts = evictFacts(plan, scene);
  const tried = plan.pods.map(({ pod }) => {
    const key = evictKey(pod);
    return { key, attempt: view.attempts.get(key) };
  });
  const ends = [...facts.attempts.values()].flatMap(({ last }) => (last && isLetGo(last) ? [last.endedAtMs] : []));
  const terminates = plan.pods.some(({ kind }) => kind === "terminating");
  const budgets = budgetQuestions(plan, scene);
  const value: DrainSituation = {
    begun: terminates || tried.some(({ attempt }) => attempt !== undefined),
    leaving: terminates || ends.length > 0,
    letGoAtMs: Math.max(...ends),
    inFlight: facts.attempts.values().some(({ inFlightSinceMs }) => inFlightSinceMs !== undefined),
    waits: plan.pods.some(isWaitedFor),
    order: evictionOrder(plan, facts),
    reasons: reasonsOf(plan, { attempts: facts.attempts, scene }),
    budgets,
  };
  const selectors = budgets.map((question) => {
    const key = questionKey(question);
    return { key, budgets: seenBudgets(key, scene), text: selectorsOf(key, scene) };
  });
  return { value, policy, attempts: tried, refusals: facts.refusals, selectors };
}

/** A budget that refused a pod, and what was last seen of it. */
interface Refusal {
  /** Of the question for the budgets of its namespace. */
  readonly key: string;
  readonly budget: string;
  /** `namespace/name`. */
  readonly title: string;
  readonly sighting: BudgetSighting | undefined;
}

/** Each budget once. */
function refusalsOf({ pods }: DrainPlan, { attempts, scene }: AttemptsOf): readonly Refusal[] {
  const found = new Map<string, Refusal>();
  for (const { pod } of pods) {
    const { last } = attempts.get(pod.uid) ?? {};
    const refusing = last && refusingBudget(pod, last.outcome);
    if (refusing === undefined) continue;
    const [key, budget] = [budgetsKey(pod.namespace), refusing.slice(pod.namespace.length + 1)];
    found.set(refusing, { key, budget, title: refusing, sighting: seenBudgets(key, scene)?.get(budget) });
  }
  return [...found.values()];
}

interface AttemptsOf {
  readonly attempts: ReadonlyMap<string, EvictionAttempt>;
  readonly scene: Scene;
}

/** The pods in the way, one for each sentence first, and of those the refused ones; no more than a reader takes in. */
function reasonsOf(plan: DrainPlan, { attempts, scene }: AttemptsOf): DrainSituation["reasons"] {
  const spokesmen = spokesmenOf(plan, attempts);
  const inTheWay = remaining(plan).map(({ pod, sentence }) => {
    // What was refused to us and was deleted by somebody else goes all the same.
    const own = pod.deletionTimestampMs === undefined ? attempts.get(pod.uid) : undefined;
    const attempt = own?.last === undefined && own ? (spokesmen.get(pod.controller?.uid) ?? own) : own;
    const refusal = refusalOf(pod, { attempt, scene });
    if (pod.evictionInProgress !== undefined && refusal !== undefined)
      return { refused: false, pod, sentence: movingSentence(pod) };
    return { refused: refusal !== undefined, pod, sentence: refusal ?? sentence };
  });
  const asking = plan.pods.some(({ kind }) => kind === "ask");
  const waiting = plan.pods.some(isWaitedFor);
  const isRefused = inTheWay.some(({ refused }) => refused);
  const firsts = new Set(
    Map.groupBy(inTheWay, (one) => one.sentence)
      .values()
      .map(([first]) => first),
  );
  const rank = (one: (typeof inTheWay)[number]): number => (firsts.has(one) ? 2 : 0) + (one.refused ? 1 : 0);
  const pods = inTheWay
    .toSorted((one, other) => rank(other) - rank(one))
    .slice(0, 10)
    .map(({ pod, sentence }) => ({ pod: podTitle(pod), sentence }));
  const refused = new Set(inTheWay.flatMap((one) => (one.refused ? [one.pod.uid] : [])));
  const progress = { left: inTheWay.length, pods, byState: countByState(plan, refused) };
  const reason = (blocked: boolean): Reason => ({ code: blocked ? "DrainBlocked" : "Draining", ...progress });
  return { going: reason(isRefused), standing: reason(isRefused || (!asking && !waiting)) };
}

/**
 * By controller: the attempt whose refusal by a budget counts for its other pods, too, for which nobody asks meanwhile.
 * Of a controller of whose pods one was let go each speaks for itself.
 */
function spokesmenOf(
  { pods }: DrainPlan,
  attempts: ReadonlyMap<string, EvictionAttempt>,
): ReadonlyMap<string | undefined, EvictionAttempt> {
  const found = new Map<string | undefined, EvictionAttempt>();
  const speakForThemselves = new Set<string | undefined>([undefined]);
  for (const { pod, kind } of pods) {
    const attempt = attempts.get(pod.uid);
    const uid = pod.controller?.uid;
    if (kind === "terminating" || (attempt?.last && isLetGo(attempt.last))) speakForThemselves.add(uid);
    else if (attempt?.last && refusingBudget(pod, attempt.last.outcome) !== undefined) found.set(uid, attempt);
  }
  for (const uid of speakForThemselves) found.delete(uid);
  return found;
}

/** An eviction that takes its time, as KubeVirt's live migrations do: it is refused until it is done, and that is no failure. */
function movingSentence(pod: PodFacts): string {
  const by = pod.evictionInProgress === "" ? "another controller" : `"${pod.evictionInProgress}"`;
  return `Pod ${podTitle(pod)} is being moved away by ${by}, as its annotation says.`;
}

/** All nodes ask the very same questions: who takes them together sees by that alone that they are equal. */
function budgetQuestions({ pods }: DrainPlan, { policy, view }: Scene): readonly Question[] {
  const { restingMs } = policy.freshness;
  const namespaces = new Set(pods.flatMap(({ kind, pod }) => (kind === "evict" ? [pod.namespace] : [])));
  const known = view.memory?.budgetQuestions;
  if (known && known.size > namespacesMax) known.clear();
  return Array.from(namespaces, (namespace) => {
    const asked = known?.get(namespace);
    if (asked?.freshForMs === restingMs) return asked;
    const question: Question = { kind: "budgets", namespace, freshForMs: restingMs };
    known?.set(namespace, question);
    return question;
  });
}

/** Namespaces come and go. */
const namespacesMax = 1_000;

/** None where budgets are not watched. */
function budgetsOf(namespace: string, scene: Scene): ReadonlyMap<string, BudgetSighting> {
  return seenBudgets(budgetsKey(namespace), scene) ?? new Map();
}

function seenBudgets(key: string, { view }: Scene): ReadonlyMap<string, BudgetSighting> | undefined {
  const answer = view.answers.get(key);
  return answer?.kind === "budgets" ? answer.budgets : undefined;
}

function budgetsKey(namespace: string): string {
  return questionKey({ kind: "budgets", namespace, freshForMs: 0 });
}

/** Whether it is known of a pod that no budget is about it. */
function unbudgeted(scene: Scene): (pod: PodFacts) => boolean {
  const known = new Map<string, readonly Selector[] | undefined>();
  return ({ namespace, labels }) => {
    if (!known.has(namespace)) known.set(namespace, selectorsIn(seenBudgets(budgetsKey(namespace), scene)));
    return known.get(namespace)?.every((selector) => !selects(selector, labels)) === true;
  };
}

function selectorsIn(budgets: ReadonlyMap<string, BudgetSighting> | undefined): readonly Selector[] | undefined {
  return budgets && [...budgets.values()].flatMap(({ budget, gone }) => (gone ? [] : (budget.selector ?? [])));
}

/** Which pods the budgets of a namespace are about, apart from their numbers, which change all the time. */
function selectorsOf(key: string, scene: Scene): string | undefined {
  const budgets = seenBudgets(key, scene);
  if (budgets === undefined) return undefined;
  // A selector of all pods is an empty text, and no selector is none.
  const make = () => JSON.stringify(selectorsIn(budgets)?.map(formatSelector) ?? null);
  return recalled(scene.view.memory?.selectors, { by: budgets, from: [], make });
}

/** Not evicted, or moved by somebody else: waited for. */
function isWaitedFor({ kind, pod }: PlannedPod): boolean {
  return kind === "await" || pod.evictionInProgress !== undefined;
}

/** What an eviction is known by; an attempt that ended in no answer of the API server was not answered. */
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

/** Let go, though the list that we have does not show it yet. */
function isLetGo({ outcome }: EvictionAttempt["last"] & object): boolean {
  return outcome.kind === "evicted" || outcome.kind === "gone" || outcome.kind === "otherPod";
}

/** With the budget's numbers as they are now, which may have changed since it refused. */
function refusalOf(
  pod: PodFacts,
  { attempt, scene }: { attempt: EvictionAttempt | undefined; scene: Scene },
): string | undefined {
  return attempt?.last && refusalSentence(pod, withNumbers(attempt.last.outcome, budgetsOf(pod.namespace, scene)));
}
