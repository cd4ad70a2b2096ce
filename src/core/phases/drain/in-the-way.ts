import { withNumbers } from "../../drain/disruption-budget.ts";
import type { EvictionAttempt } from "../../drain/evictable.ts";
import { obstacle, remaining, type DrainPlan, type RemainingPod } from "../../drain/plan.ts";
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

/** What is said of a drain: which pods are in the way and why, no more of them than a reader takes in. */
export function inTheWay(plan: DrainPlan, { attempts, scene }: Tried): DrainSituation["reasons"] {
  const spokesmen = spokesmenOf(plan, attempts);
  const obstacles = remaining(plan).map((planned) => obstacleOf(planned, { attempts, spokesmen, scene }));
  const refused = new Set(
    obstacles.flatMap(({ planned, refusal }) => (refusal === undefined ? [] : [planned.pod.uid])),
  );
  const pods = mostTelling(obstacles)
    .slice(0, toldMax)
    .map(({ planned, refusal, moves }) => {
      const sentence = refusal ?? (moves ? movingSentence(planned.pod) : obstacle(planned));
      return { pod: podTitle(planned.pod), sentence };
    });
  const progress = { left: obstacles.length, pods, byState: countByState(plan, refused) };
  const reason = (blocked: boolean): Reason => ({ code: blocked ? "DrainBlocked" : "Draining", ...progress });
  const isRefused = refused.size > 0;
  const isPatient = plan.pods.some((planned) => planned.kind === "ask" || isWaitedFor(planned));
  return { going: reason(isRefused), standing: reason(isRefused || !isPatient) };
}

const toldMax = 10;

/** A pod in the way; the plan says why, unless its eviction was refused or takes its time. */
interface Obstacle {
  readonly planned: RemainingPod;
  readonly refusal: string | undefined;
  readonly moves: boolean;
}

function obstacleOf(
  planned: RemainingPod,
  { attempts, spokesmen, scene }: Tried & { readonly spokesmen: ReturnType<typeof spokesmenOf> },
): Obstacle {
  const { pod } = planned;
  // What was refused to us and was deleted by somebody else goes all the same.
  const own = pod.deletionTimestampMs === undefined ? attempts.get(pod.uid) : undefined;
  const attempt = own?.last === undefined && own ? (spokesmen.get(pod.controller?.uid) ?? own) : own;
  const refusal = refusalOf(pod, { attempt, scene });
  const moves = pod.evictionInProgress !== undefined && refusal !== undefined && !isFinal(attempt);
  return { planned, refusal: moves ? undefined : refusal, moves };
}

/** Each refusal once, then those that were not refused, then others of which the same is to be said. */
function mostTelling(obstacles: readonly Obstacle[]): readonly Obstacle[] {
  const said = new Set<string>();
  const [firsts, unrefused, repeated]: [Obstacle[], Obstacle[], Obstacle[]] = [[], [], []];
  for (const one of obstacles) {
    if (one.refusal === undefined) unrefused.push(one);
    else (said.has(one.refusal) ? repeated : firsts).push(one);
    if (one.refusal !== undefined) said.add(one.refusal);
  }
  return [...firsts, ...unrefused, ...repeated];
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
  const outcome = attempt?.last?.outcome;
  return outcome?.kind === "severalBudgets" || (outcome?.kind === "forbidden" && !deniedByAdmission.test(outcome.text));
}

/** Who moves pods holds their evictions by a webhook or a policy, which refuse with 403 where they choose no code. */
const deniedByAdmission = /(?:^|: )(?:admission webhook "|ValidatingAdmissionPolicy ')/;

/**
 * An eviction that takes its time, as KubeVirt's live migrations do: it is refused until it is done, and that is no
 * failure.
 */
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
