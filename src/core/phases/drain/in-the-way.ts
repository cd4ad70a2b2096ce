import { withNumbers } from "../../drain/disruption-budget.ts";
import type { EvictionAttempt } from "../../drain/evictable.ts";
import { remaining, type DrainPlan } from "../../drain/plan.ts";
import { podTitle, type PodFacts } from "../../drain/pod.ts";
import { isLetGo, refusalSentence, refusingBudget } from "../../drain/refusals.ts";
import type { DrainSituation } from "../../memory.ts";
import type { Scene } from "../../scene.ts";
import type { Reason } from "../../verdict/reason.ts";
import { budgetsOf } from "./budgets-seen.ts";
import { countByState, isWaitedFor } from "./progress.ts";

/** What was tried of the pods of a plan. */
interface Tried {
  /** By the pod's uid. */
  readonly attempts: ReadonlyMap<string, EvictionAttempt>;
  readonly scene: Scene;
}

/**
 * What is said of a drain: the pods in the way, one for each sentence first, and of those the refused ones; no more
 * than a reader takes in.
 */
export function inTheWay(plan: DrainPlan, { attempts, scene }: Tried): DrainSituation["reasons"] {
  const spokesmen = spokesmenOf(plan, attempts);
  const obstacles = remaining(plan).map(({ pod, sentence }) => {
    // What was refused to us and was deleted by somebody else goes all the same.
    const own = pod.deletionTimestampMs === undefined ? attempts.get(pod.uid) : undefined;
    const attempt = own?.last === undefined && own ? (spokesmen.get(pod.controller?.uid) ?? own) : own;
    const refusal = refusalOf(pod, { attempt, scene });
    if (pod.evictionInProgress !== undefined && refusal !== undefined && !isFinal(attempt))
      return { refused: false, pod, sentence: movingSentence(pod) };
    return { refused: refusal !== undefined, pod, sentence: refusal ?? sentence };
  });
  const asking = plan.pods.some(({ kind }) => kind === "ask");
  const waiting = plan.pods.some(isWaitedFor);
  const isRefused = obstacles.some(({ refused }) => refused);
  const firsts = new Set(
    Map.groupBy(obstacles, (one) => one.sentence)
      .values()
      .map(([first]) => first),
  );
  const rank = (one: (typeof obstacles)[number]): number => (firsts.has(one) ? 2 : 0) + (one.refused ? 1 : 0);
  const pods = obstacles
    .toSorted((one, other) => rank(other) - rank(one))
    .slice(0, 10)
    .map(({ pod, sentence }) => ({ pod: podTitle(pod), sentence }));
  const refused = new Set(obstacles.flatMap((one) => (one.refused ? [one.pod.uid] : [])));
  const progress = { left: obstacles.length, pods, byState: countByState(plan, refused) };
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
    if (kind === "terminating" || (attempt?.last && isLetGo(attempt.last.outcome))) speakForThemselves.add(uid);
    else if (attempt?.last && refusingBudget(pod, attempt.last.outcome) !== undefined) found.set(uid, attempt);
  }
  for (const uid of speakForThemselves) found.delete(uid);
  return found;
}

/** A no that has nothing to do with how far somebody is with moving the pod. */
function isFinal(attempt: EvictionAttempt | undefined): boolean {
  const kind = attempt?.last?.outcome.kind;
  return kind === "forbidden" || kind === "severalBudgets";
}

/** An eviction that takes its time, as KubeVirt's live migrations do: it is refused until it is done, and that is no failure. */
function movingSentence(pod: PodFacts): string {
  const by = pod.evictionInProgress === "" ? "another controller" : `"${pod.evictionInProgress}"`;
  return `Pod ${podTitle(pod)} is being moved away by ${by}, as its annotation says.`;
}

/** With the budget's numbers as they are now, which may have changed since it refused. */
function refusalOf(
  pod: PodFacts,
  { attempt, scene }: { attempt: EvictionAttempt | undefined; scene: Scene },
): string | undefined {
  return attempt?.last && refusalSentence(pod, withNumbers(attempt.last.outcome, budgetsOf(pod.namespace, scene)));
}
