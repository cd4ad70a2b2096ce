import { lastEndedAtMs } from "../../attempt.ts";
import { daemonSetOf } from "../../drain/filters.ts";
import type { DaemonSetState } from "../../drain/options.ts";
import { planDrain, type DrainPlan } from "../../drain/plan.ts";
import type { PodFacts } from "../../drain/pod.ts";
import { recordKey } from "../../fleet/advance.ts";
import { recalled, type NodePlan } from "../../memory.ts";
import { newerThan, questionKey, type Answer, type Question } from "../../question.ts";
import type { NodeInHand, Scene } from "../../scene.ts";

/** What is known of the pods of a node in hand. */
export type SeenPods =
  | {
      readonly kind: "plan";
      readonly plan: DrainPlan;
      readonly observedAtMs: number;
      readonly questions: readonly Question[];
      /**
       * The look that is still owed where these pods were seen before our last write of the record: one that was bound
       * until then may be missing. Who is seen may be evicted all the same, but nothing is over without it.
       */
      readonly look?: Question;
    }
  /** Not seen, or not lately enough to begin with. */
  | { readonly kind: "unseen"; readonly question: Question; readonly failure?: string };

/** The drain plan of the node's pods, and what it still asks for. */
export function seenPods({ node }: NodeInHand, scene: Scene): SeenPods {
  const { view, policy, now } = scene;
  const answer = view.answers.get(questionKey({ kind: "pods", node: node.name, freshForMs: 0 }));
  const sinceMs = lastEndedAtMs(recordKey(node.name), scene);
  const { goingMs, restingMs } = policy.freshness;
  const freshForMs = answer?.kind === "failed" ? goingMs : newerThan(sinceMs, { now, freshForMs: goingMs });
  const look: Question = { kind: "pods", node: node.name, freshForMs };
  const isSince = answer !== undefined && answer.observedAtMs >= sinceMs;
  if (answer?.kind !== "pods" || (!isSince && answer.observedAtMs + restingMs < now.monotonicMs))
    return { kind: "unseen", question: look, ...(answer?.kind === "failed" && { failure: answer.reason }) };
  const { plan, questions } = planNow(answer.pods, scene);
  return { kind: "plan", plan, observedAtMs: answer.observedAtMs, questions, ...(!isSince && { look }) };
}

/** The plan of these pods, kept for as long as they and their DaemonSets are the same. */
function planNow(seen: readonly PodFacts[], scene: Scene): NodePlan {
  const { view, policy, now } = scene;
  const make = (): NodePlan => {
    const pods = seen.filter((pod) => !isSelf(pod, scene));
    const daemonSets = knownDaemonSets(pods, scene);
    const plan = planDrain(pods, { options: policy.drain, daemonSets, wallMs: now.wallMs });
    return { plan, questions: daemonSetQuestions(pods, scene) };
  };
  // By itself, with time, a plan changes only where pods that take too long to end are left behind.
  const ages = policy.drain.skipWaitForDeleteSeconds > 0 && seen.some((pod) => pod.deletionTimestampMs !== undefined);
  if (ages) return make();
  const keys = recalled(view.memory?.daemonSets, {
    by: seen,
    from: [],
    make: () => Array.from(daemonSetsOf(seen), (daemonSet) => `daemonSet/${daemonSet}`),
  });
  const from = [policy, view.ledger.kind, ...keys.map((key) => view.answers.get(key))];
  return recalled(view.memory?.plans, { by: seen, from, make });
}

/** The coordinator that decides stays where it is and dies with the reboot: it would only cut off its own drain. */
function isSelf({ namespace, name }: PodFacts, { policy: { self } }: Scene): boolean {
  return self !== undefined && self.namespace === namespace && self.pod === name;
}

function knownDaemonSets(pods: readonly PodFacts[], scene: Scene): ReadonlyMap<string, DaemonSetState> {
  const { view } = scene;
  const known = new Map<string, DaemonSetState>();
  for (const key of daemonSetsOf(pods)) {
    if (isSeenLedger(key, scene)) {
      known.set(key, "exists");
      continue;
    }
    const answer = view.answers.get(`daemonSet/${key}`);
    if (answer?.kind === "daemonSet") known.set(key, answer.state);
    // Not to know is not to know for now: nothing is evicted, and it is asked again.
    else if (answer?.kind === "failed") known.set(key, "unknown");
  }
  return known;
}

/** Asked for as long as the pods are there, because an answer that nobody asks for may be dropped. */
function daemonSetQuestions(pods: readonly PodFacts[], scene: Scene): readonly Question[] {
  const { view, policy } = scene;
  const unknown = [...daemonSetsOf(pods)].filter((key) => !isSeenLedger(key, scene));
  return unknown.map((key): Question => {
    const [namespace = "", name = ""] = key.split("/");
    const answer: Answer | undefined = view.answers.get(`daemonSet/${key}`);
    const state = answer?.kind === "daemonSet" ? answer.state : "unknown";
    const freshForMs = state === "unknown" ? Math.min(policy.freshness.restingMs, failedLookMs) : knownForMs[state];
    return { kind: "daemonSet", namespace, name, freshForMs };
  });
}

/** Pods of one that is deleted go, or lose their controller. One that is made again would replace them without end. */
const knownForMs = { exists: 60 * 60_000, gone: 30_000 } as const;

/** No watch tells of it, and the drain stands still meanwhile. */
const failedLookMs = 5_000;

/** Whether it is our own DaemonSet, which holds the lock and is read for that all the time. */
function isSeenLedger(key: string, { view, policy }: Scene): boolean {
  return key === policy.owner && view.ledger.kind === "seen";
}

function daemonSetsOf(pods: readonly PodFacts[]): ReadonlySet<string> {
  return new Set(pods.flatMap((pod) => daemonSetOf(pod) ?? []));
}
