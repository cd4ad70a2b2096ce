import type { BudgetSighting } from "../../drain/disruption-budget.ts";
import { evictionOrder, type EvictionAttempt, type EvictionFacts } from "../../drain/evictable.ts";
import type { DrainPlan } from "../../drain/plan.ts";
import type { PodFacts } from "../../drain/pod.ts";
import { isLetGo, refusingBudget } from "../../drain/refusals.ts";
import type { Attempt } from "../../fleet/view.ts";
import type { DrainSituation, KeptSituation } from "../../memory.ts";
import { questionKey } from "../../question.ts";
import type { Scene } from "../../scene.ts";
import { budgetQuestions, budgetsKey, seenBudgets, selectorsOf, unbudgeted } from "./budgets-seen.ts";
import { inTheWay } from "./in-the-way.ts";
import { isWaitedFor } from "./progress.ts";

/** Under which key the eviction of a pod is tried. */
export function evictKey({ uid }: PodFacts): string {
  return `evict/${uid}`;
}

/**
 * How the drain by this plan stands: worked out anew when something of it was tried, or a budget in its way changed.
 */
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
export function evictFacts(plan: DrainPlan, scene: Scene): EvictionFacts {
  return factsOf(plan, { tried: triedOf(plan, scene), scene });
}

/** Of each pod of the plan, in its order. */
function triedOf({ pods }: DrainPlan, { view }: Scene): readonly Tried[] {
  return pods.map(({ pod }) => {
    const key = evictKey(pod);
    return { key, attempt: view.attempts.get(key) };
  });
}

interface Tried {
  readonly key: string;
  readonly attempt: Attempt | undefined;
}

function factsOf(
  plan: DrainPlan,
  { tried, scene }: { readonly tried: readonly Tried[]; readonly scene: Scene },
): EvictionFacts & { readonly refusals: readonly Refusal[] } {
  const attempts = new Map(plan.pods.map(({ pod }, index) => [pod.uid, evictionAttempt(tried[index]?.attempt)]));
  const refusals = refusalsOf(plan, { attempts, scene });
  const openings = refusals.flatMap(({ title, sighting }): readonly [string, number][] =>
    sighting?.openedAtMs === undefined ? [] : [[title, sighting.openedAtMs]],
  );
  return { attempts, refusals, budgetsOpenedAtMs: new Map(openings), unbudgeted: unbudgeted(scene) };
}

function situate(plan: DrainPlan, scene: Scene): KeptSituation {
  const { policy } = scene;
  const tried = triedOf(plan, scene);
  const facts = factsOf(plan, { tried, scene });
  const ends = [...facts.attempts.values()].flatMap(({ last }) =>
    last && isLetGo(last.outcome) ? [last.endedAtMs] : [],
  );
  const terminates = plan.pods.some(({ kind }) => kind === "terminating");
  const budgets = budgetQuestions(plan, scene);
  const value: DrainSituation = {
    begun: terminates || tried.some(({ attempt }) => attempt !== undefined),
    leaving: terminates || ends.length > 0,
    letGoAtMs: Math.max(...ends),
    inFlight: facts.attempts.values().some(({ inFlightSinceMs }) => inFlightSinceMs !== undefined),
    waits: plan.pods.some(isWaitedFor),
    order: evictionOrder(plan, facts),
    reasons: inTheWay(plan, { attempts: facts.attempts, scene }),
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
function refusalsOf(
  { pods }: DrainPlan,
  { attempts, scene }: Pick<EvictionFacts, "attempts"> & { readonly scene: Scene },
): readonly Refusal[] {
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

/** What an eviction is known by; an attempt that ended in no answer of the API server was not answered. */
function evictionAttempt(attempt: Attempt | undefined): EvictionAttempt {
  if (attempt === undefined) return untried;
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

const untried: EvictionAttempt = { failures: 0, jitter: 0 };
