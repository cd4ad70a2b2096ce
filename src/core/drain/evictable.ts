import { isGoing, type DrainPlan, type GoingPod } from "./plan.ts";
import { isCritical } from "./pod.ts";
import type { PodFacts } from "./pod.ts";
import { refusingBudget } from "./refusals.ts";
import type { EvictionOutcome } from "./refusals.ts";
import { retryAfter } from "./retry.ts";

/** What is known of evicting one pod. Instants are monotonic. */
export interface EvictionAttempt {
  /** Set while a request is under way. */
  readonly inFlightSinceMs?: number;
  /** Set once a request has ended. */
  readonly last?: { readonly outcome: EvictionOutcome; readonly endedAtMs: number };
  /** Refusals in a row. */
  readonly failures: number;
  /** In [0, 1), drawn when the last request ended. */
  readonly jitter: number;
  /** The budget (`refusingBudget`) that refused it last, kept when it is let go in the end. */
  readonly refusedBy?: string;
}

/** What the order of the next evictions depends on: it is the same until something happens. */
export interface EvictionFacts {
  /** By the pod's uid; one that is missing has never been tried. */
  readonly attempts: ReadonlyMap<string, EvictionAttempt>;
  /** By `namespace/name`: when a disruption budget was last seen to open, which makes it worth asking at once. */
  readonly budgetsOpenedAtMs?: ReadonlyMap<string, number>;
  /** Whether it is known that no disruption budget is about the pod: nobody asks before it. Of none unless given. */
  readonly unbudgeted?: (pod: PodFacts) => boolean;
}

/** What, beside their order, says which are sent now. */
export interface EvictionMoment {
  readonly nowMonotonicMs: number;
  /** How many requests may be under way at once while the API server keeps up. */
  readonly limitInFlight: number;
}

/** The pods to evict now, and when to ask again although nothing happens (undefined: not before something does). */
export interface Evictable {
  readonly pods: readonly PodFacts[];
  readonly wakeAtMs?: number;
}

/** When which evictions are due, whatever the time is. */
export interface EvictionOrder {
  /** The earliest first. */
  readonly lines: readonly EvictionLine[];
  /** How many requests are under way. */
  readonly inFlight: number;
  /** When (monotonic) each answer came that said that the API server has enough to do. */
  readonly strainedAtMs: readonly number[];
}

/**
 * When to send which evictions. None while a pod of the plan is undecided or refused, as with kubectl. Pods of a later
 * order and critical ones wait until no other is in the way; of the pods that one budget holds back, one at a time asks
 * for all.
 */
export function evictionOrder(plan: DrainPlan, scene: EvictionFacts): EvictionOrder {
  if (plan.pods.some(({ kind }) => kind === "ask" || kind === "refuse")) return nothing;
  const going = plan.pods.filter(isGoing);
  const first = going.reduce<GoingPod | undefined>(
    (one, other) => (one && !goesBefore(other, one) ? one : other),
    undefined,
  );
  const candidates = going
    .filter((one) => one.kind === "evict" && !(first && goesBefore(first, one)))
    .map(({ pod }): Candidate => ({ pod, attempt: scene.attempts.get(pod.uid) ?? untried }));
  const asking = withPresumptions(candidates, { going, scene });
  const lines = [...waitingLines(asking, scene)].toSorted((one, other) => one.dueMs - other.dueMs);
  const inFlight = going.filter(({ pod }) => scene.attempts.get(pod.uid)?.inFlightSinceMs !== undefined).length;
  const strains = scene.attempts.values().flatMap(({ last }) => (last && strain.has(last.outcome.kind) ? [last] : []));
  const strainedAtMs = Array.from(strains, ({ endedAtMs }) => endedAtMs);
  return { lines, inFlight, strainedAtMs };
}

/** Which evictions of an order to send now. */
export function dueEvictions(
  { lines, inFlight, strainedAtMs }: EvictionOrder,
  { nowMonotonicMs, limitInFlight }: EvictionMoment,
): Evictable {
  const strains = strainedAtMs.filter((atMs) => atMs > nowMonotonicMs - strainMs).length;
  // Half as many for each answer of the last seconds that said that the API server has enough to do, but always one.
  const room = Math.max(1, Math.floor(limitInFlight / 2 ** Math.min(10, strains)));
  const next = lines.find(({ dueMs }) => dueMs > nowMonotonicMs);
  const due = next === undefined ? lines : lines.slice(0, lines.indexOf(next));
  const pods = due.slice(0, Math.max(0, room - inFlight)).map(({ pod }) => pod);
  // Those that are due but find no room are woken by the end of a request.
  return next === undefined ? { pods } : { pods, wakeAtMs: next.dueMs };
}

/** By their order, and in the same order the ordinary before what the cluster itself leans on. */
function goesBefore(one: GoingPod, other: GoingPod): boolean {
  const [first = 0, second = 0] = [one.order, other.order];
  return first < second || (first === second && !isCritical(one.pod) && isCritical(other.pod));
}

const nothing: EvictionOrder = { lines: [], inFlight: 0, strainedAtMs: [] };
const strainMs = 10_000;

/** Answers of an API server that has enough to do. */
const strain: ReadonlySet<EvictionOutcome["kind"]> = new Set(["throttled", "unreachable"]);

interface Candidate {
  readonly pod: PodFacts;
  readonly attempt: EvictionAttempt;
  /** The budget that is taken to hold it back too, before it was ever asked for. */
  readonly presumedBudget?: string;
}

/** The pod that asks next for itself, or for all that wait for the same budget, and when (monotonic) it may. */
export interface EvictionLine {
  readonly pod: PodFacts;
  readonly dueMs: number;
}

const untried: EvictionAttempt = { failures: 0, jitter: 0 };

/**
 * Pods of one controller nearly always share their budgets. So one of them asks before the others do, and a budget that
 * is closed refuses one eviction and not a hundred: as long as none was let go, its refusal counts for all.
 */
function withPresumptions(
  candidates: readonly Candidate[],
  { going, scene }: { going: readonly GoingPod[]; scene: EvictionFacts },
): readonly Candidate[] {
  const families = Map.groupBy(going, ({ pod }) => pod.controller?.uid);
  const words = new Map(Array.from(families, ([controller, family]) => [controller, firstWord(family, scene)]));
  const begun = new Set<string>();
  return candidates.flatMap((candidate): readonly Candidate[] => {
    const controller = candidate.pod.controller?.uid;
    const word = words.get(controller);
    const { last, inFlightSinceMs } = candidate.attempt;
    if (controller === undefined || word === undefined || last !== undefined) return [candidate];
    // A budget may let one go that is not Ready although it keeps those that are.
    if (!candidate.pod.ready || scene.unbudgeted?.(candidate.pod) === true) return [candidate];
    if (word.kind !== "refused" && inFlightSinceMs !== undefined) return [candidate];
    switch (word.kind) {
      case "go":
        return [candidate];
      case "wait":
        return [];
      case "none": {
        const isFirst = !begun.has(controller);
        begun.add(controller);
        return isFirst ? [candidate] : [];
      }
      case "refused":
        return [{ ...candidate, presumedBudget: word.budget }];
    }
  });
}

/** What the first answer to pods of one controller says to those that were not asked for yet. */
type FirstWord =
  | { readonly kind: "none" }
  /** The first was asked for, and nothing is known yet. */
  | { readonly kind: "wait" }
  | { readonly kind: "go" }
  | { readonly kind: "refused"; readonly budget: string };

function firstWord(family: readonly GoingPod[], { attempts }: EvictionFacts): FirstWord {
  const asked = family.flatMap(({ pod, kind }) => {
    const attempt = attempts.get(pod.uid);
    const isAsked = attempt?.last !== undefined || attempt?.inFlightSinceMs !== undefined;
    return isAsked || kind === "terminating" ? [{ pod, kind, last: attempt?.last }] : [];
  });
  if (asked.length === 0) return { kind: "none" };
  // Where one of them asks for its budget again, its answer will tell, and not its silence.
  const answered = asked.flatMap(({ pod, last }) => (last ? [refusingBudget(pod, last.outcome)] : []));
  const [refused, ...more] = answered;
  if (asked.some(({ kind }) => kind === "terminating")) return { kind: "go" };
  if (asked.length === 1 && asked[0]?.last === undefined) return { kind: "wait" };
  return refused !== undefined && more.every((budget) => budget === refused)
    ? { kind: "refused", budget: refused }
    : { kind: "go" };
}

function* waitingLines(candidates: readonly Candidate[], scene: EvictionFacts): Iterable<EvictionLine> {
  const groups = Map.groupBy(candidates, budgetOf);
  for (const [budget, members] of groups) {
    if (budget === undefined) yield* linesOfEach(members);
    // One request under way asks for the whole group.
    else if (members.every(({ attempt }) => attempt.inFlightSinceMs === undefined)) {
      yield lineOfBudget(budget, { members, scene });
    }
  }
}

function budgetOf({ pod, attempt, presumedBudget }: Candidate): string | undefined {
  return attempt.last === undefined ? presumedBudget : refusingBudget(pod, attempt.last.outcome);
}

function* linesOfEach(members: readonly Candidate[]): Iterable<EvictionLine> {
  for (const { pod, attempt } of members) {
    if (attempt.inFlightSinceMs === undefined) yield { pod, dueMs: dueMs(attempt) };
  }
}

/** The budget's last answer decides for all: a refusal makes all wait, a consent lets the next ask at once. */
function lineOfBudget(
  budget: string,
  { members, scene }: { members: readonly Candidate[]; scene: EvictionFacts },
): EvictionLine {
  // In turn, because a budget may let one of its pods go and not another.
  const { pod } = members.reduce((one, other) => (endedAtMs(other.attempt) < endedAtMs(one.attempt) ? other : one));
  const refusedAtMs = Math.max(...members.map(({ attempt }) => endedAtMs(attempt)));
  const consented = scene.attempts
    .values()
    .some(
      ({ refusedBy, last }) => refusedBy === budget && last?.outcome.kind === "evicted" && last.endedAtMs > refusedAtMs,
    );
  const openedAtMs = scene.budgetsOpenedAtMs?.get(budget) ?? -Infinity;
  if (consented || openedAtMs > refusedAtMs) return { pod, dueMs: refusedAtMs };
  const rounds = refusedRounds(members);
  const due = members.map(({ attempt }) => dueMs({ ...attempt, failures: Math.max(attempt.failures, rounds) }));
  return { pod, dueMs: Math.max(...due) };
}

/**
 * How often the budget was asked of late, whichever of its pods did: those that ask in turn would else ask as if each
 * were the first. What lies longer apart than the longest pause was another time.
 */
function refusedRounds(members: readonly Candidate[]): number {
  const endsMs = members.map(({ attempt }) => endedAtMs(attempt)).toSorted((one, other) => other - one);
  let rounds = 1;
  for (const [index, endMs] of endsMs.entries()) {
    const pauseMs = (endsMs[index - 1] ?? endMs) - endMs;
    if (pauseMs > longestPauseMs) break;
    if (pauseMs > sameRoundMs) rounds += 1;
  }
  return rounds;
}

/** Refusals so close together were asked for at once. */
const sameRoundMs = 1_000;
const longestPauseMs = 20_000;

function endedAtMs({ last }: EvictionAttempt): number {
  return last?.endedAtMs ?? -Infinity;
}

function dueMs({ last, failures, jitter }: EvictionAttempt): number {
  return last === undefined ? -Infinity : last.endedAtMs + retryAfter(last.outcome, failures, { rng: jitter });
}
