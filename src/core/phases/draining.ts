import type { Action } from "../action.ts";
import { evictable, type EvictionAttempt } from "../drain/evictable.ts";
import { emptied, planDrain, remaining, type DaemonSetState, type DrainPlan } from "../drain/plan.ts";
import { podTitle, type PodFacts } from "../drain/pod.ts";
import { refusalSentence } from "../drain/refusals.ts";
import { advance, recordKey } from "../fleet/advance.ts";
import { agentStanding } from "../fleet/agent.ts";
import { bootChanged } from "../fleet/boot.ts";
import type { Attempt } from "../fleet/view.ts";
import { hasOurEntry } from "../lock/place.ts";
import { lookAtLedger } from "../lock/waiting.ts";
import { needRefusal, requestRefusals, windowClosesAtMs, windowRefusal } from "../policy/refusals.ts";
import { questionKey, type Question } from "../question.ts";
import { also, monotonicOf, type NodeInHand, type Scene, type Step } from "../scene.ts";
import type { PodInTheWay, Reason } from "../verdict/reason.ts";
import { abandon } from "./abandon.ts";
import { approve } from "./approve.ts";
import { renewal } from "./renew.ts";

/** Pods are evicted until nothing is left that must be gone; then the agent is asked to reboot. */
export function draining(inHand: NodeInHand, scene: Scene): Step {
  const ended = drainEnds(inHand, scene);
  if (ended) return ended;
  const observed = observePods(inHand, scene);
  if (observed.kind === "ask") return observed.step;
  const plan = planDrain(observed.pods, {
    options: scene.policy.drain,
    daemonSets: knownDaemonSets(observed.pods, scene),
    wallMs: scene.now.wallMs,
  });
  const step =
    drainTimedOut(inHand, scene) && scene.policy.forceReboot ? undefined : drainStep(inHand, { plan, scene });
  const next = step ?? approve(inHand, scene);
  return also(also(next, renewal(inHand, scene)), { wakeAtMs: [windowClosesAtMs(scene) ?? Infinity] });
}

/** What ends or suspends a drain, the gravest first. */
function drainEnds(inHand: NodeInHand, scene: Scene): Step | undefined {
  const { node, record } = inHand;
  const { ledger } = scene.view;
  if (bootChanged(inHand)) {
    const reason: Reason = { code: "Returning", detail: "its agent, after a reboot that we did not command" };
    return advance(inHand, { step: "return", change: { phase: "returning" }, reason, scene });
  }
  if (ledger.kind === "unseen") return lookAtLedger({ code: "LockUnknown", detail: ledger.reason }, scene);
  if (!hasOurEntry(ledger, inHand)) return abandon(inHand, { reason: { code: "LockLost" }, scene, rests: true });
  if (!node.unschedulable) {
    // Somebody wants pods on this node again: nothing of ours is left to take back.
    const given = { ...inHand, record: { ...record, cordon: "none" as const } };
    return abandon(given, { reason: { code: "CordonLost" }, scene, rests: true });
  }
  const unneeded = needRefusal(node);
  if (unneeded?.reason.code === "NotRequired") return abandon(inHand, { reason: unneeded.reason, scene });
  const late = windowRefusal(scene);
  if (late) return abandon(inHand, { reason: late.reason, scene });
  if (drainTimedOut(inHand, scene) && !scene.policy.forceReboot)
    return abandon(inHand, {
      reason: { code: "DrainTimedOut", afterMs: scene.policy.drainTimeoutMs },
      scene,
      rests: true,
    });
  return suspended(inHand, scene);
}

/** Nothing is evicted or approved meanwhile, and nothing is taken back either. */
function suspended(inHand: NodeInHand, scene: Scene): Step | undefined {
  const { node, record } = inHand;
  const refusals = requestRefusals(node, scene);
  const [first, ...more] = refusals.map(({ reason }) => reason);
  const resting: readonly Question[] = [
    { kind: "nodes", freshForMs: scene.policy.freshness.restingMs },
    { kind: "ledger", freshForMs: scene.policy.freshness.restingMs },
  ];
  if (first) {
    const wakeAtMs = refusals.flatMap((refusal) => refusal.wakeAtMs ?? []);
    return also({ reasons: [first, ...more], questions: resting, wakeAtMs }, renewal(inHand, scene));
  }
  const unsure = needRefusal(node);
  if (unsure) return { reasons: [unsure.reason], questions: resting };
  const agent = agentStanding(node, { scene, freshForMs: scene.policy.freshness.restingMs });
  if (agent.kind === "ask") return { reasons: [agent.reason], questions: [agent.question, ...resting] };
  if (agent.kind === "missing") {
    if (scene.now.wallMs - record.phaseSinceMs >= agentMissingMsMax)
      return abandon(inHand, { reason: agent.reason, scene, rests: true });
    return {
      reasons: [agent.reason],
      questions: [{ kind: "pods", node: node.name, freshForMs: scene.policy.freshness.restingMs }, ...resting],
      wakeAtMs: [monotonicOf(record.phaseSinceMs + agentMissingMsMax, scene.now)],
    };
  }
  return undefined;
}

/** A node without an agent cannot be rebooted, so after this long it is given back rather than kept drained. */
const agentMissingMsMax = 10 * 60_000;

function drainTimedOut({ record }: NodeInHand, { policy, now }: Scene): boolean {
  return policy.drainTimeoutMs > 0 && now.wallMs - record.phaseSinceMs >= policy.drainTimeoutMs;
}

type ObservedPods =
  | { readonly kind: "pods"; readonly pods: readonly PodFacts[] }
  | { readonly kind: "ask"; readonly step: Step };

/** The node's pods as they were after the cordon: an older list may lack one that was bound in between. */
function observePods({ node }: NodeInHand, scene: Scene): ObservedPods {
  const question: Question = { kind: "pods", node: node.name, freshForMs: scene.policy.freshness.goingMs };
  const answer = scene.view.answers.get(questionKey(question));
  const cordonedAtMs = scene.view.attempts.get(recordKey(node.name))?.last?.endedAtMs ?? -Infinity;
  if (answer?.kind === "pods" && answer.observedAtMs >= cordonedAtMs) return { kind: "pods", pods: answer.pods };
  const pods: PodInTheWay[] =
    answer?.kind === "failed" ? [{ pod: "", sentence: `The pods cannot be listed: ${answer.reason}.` }] : [];
  const since = { ...question, freshForMs: answer ? 0 : question.freshForMs };
  return { kind: "ask", step: { reasons: [{ code: "Draining", left: 0, pods }], questions: [since] } };
}

function knownDaemonSets(pods: readonly PodFacts[], { view }: Scene): ReadonlyMap<string, DaemonSetState> {
  const known = new Map<string, DaemonSetState>();
  for (const { namespace, controller } of pods) {
    if (controller?.kind !== "DaemonSet") continue;
    const answer = view.answers.get(`daemonSet/${namespace}/${controller.name}`);
    if (answer?.kind === "daemonSet") known.set(`${namespace}/${controller.name}`, answer.state);
  }
  return known;
}

/** Evicts what is due; `undefined` when nothing is left that must be gone. */
function drainStep({ node, record }: NodeInHand, { plan, scene }: { plan: DrainPlan; scene: Scene }): Step | undefined {
  if (emptied(plan)) return undefined;
  const { policy, now, view } = scene;
  const attempts = new Map(plan.pods.map(({ pod }) => [pod.uid, evictionAttempt(view.attempts.get(evictKey(pod)))]));
  const choice = evictable(plan, {
    attempts,
    nowMonotonicMs: now.monotonicMs,
    limitInFlight: policy.evictionsInFlight,
    budgetsChangedAtMs: budgetChanges(plan, scene),
  });
  const actions = choice.pods.map((pod): Action => ({
    kind: "evict",
    key: evictKey(pod),
    node: node.name,
    namespace: pod.namespace,
    pod: pod.name,
    uid: pod.uid,
    gracePeriodSeconds: policy.drain.gracePeriodSeconds,
  }));
  const inTheWay = remaining(plan).map(({ pod, sentence }) => ({
    pod: podTitle(pod),
    sentence: refusal(pod, attempts.get(pod.uid)) ?? sentence,
    refused: refusal(pod, attempts.get(pod.uid)) !== undefined,
  }));
  const going = plan.pods.some(({ kind }) => kind === "terminating") || actions.length > 0 || someGoing(attempts);
  const shown = inTheWay.toSorted((one, other) => Number(other.refused) - Number(one.refused)).slice(0, 10);
  const blocked = !going || inTheWay.some(({ refused }) => refused);
  const timeoutAtMs = monotonicOf(record.phaseSinceMs + policy.drainTimeoutMs, now);
  return {
    reasons: [{ code: blocked ? "DrainBlocked" : "Draining", left: inTheWay.length, pods: shown }],
    actions,
    questions: drainQuestions(plan, { node: node.name, scene, going }),
    wakeAtMs: [choice.wakeAtMs ?? Infinity, policy.drainTimeoutMs > 0 ? timeoutAtMs : Infinity],
  };
}

function drainQuestions(
  plan: DrainPlan,
  { node, scene, going }: { node: string; scene: Scene; going: boolean },
): readonly Question[] {
  const { goingMs, restingMs } = scene.policy.freshness;
  const asked = plan.pods.flatMap((planned): Question[] => {
    if (planned.kind !== "ask") return [];
    const [namespace = "", name = ""] = planned.daemonSet.split("/");
    return [{ kind: "daemonSet", namespace, name, freshForMs: restingMs }];
  });
  const namespaces = new Set(plan.pods.flatMap(({ kind, pod }) => (kind === "evict" ? [pod.namespace] : [])));
  return [
    // With nothing on its way out, pods change only after an eviction, which is followed by a look of its own.
    { kind: "pods", node, freshForMs: going ? goingMs : restingMs },
    { kind: "nodes", freshForMs: restingMs },
    { kind: "ledger", freshForMs: 2 * restingMs },
    ...asked,
    ...Array.from(namespaces, (namespace): Question => ({ kind: "budgets", namespace, freshForMs: restingMs })),
  ];
}

function budgetChanges(plan: DrainPlan, { view }: Scene): ReadonlyMap<string, number> {
  const changes = new Map<string, number>();
  for (const { pod } of plan.pods) {
    const answer = view.answers.get(`budgets/${pod.namespace}`);
    if (answer?.kind === "budgets" && answer.changedAtMs !== undefined) changes.set(pod.namespace, answer.changedAtMs);
  }
  return changes;
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

function someGoing(attempts: ReadonlyMap<string, EvictionAttempt>): boolean {
  return attempts.values().some(({ inFlightSinceMs, last }) => inFlightSinceMs !== undefined || isLetGo(last));
}

/** Let go, though the list that we have does not show it yet. */
function isLetGo(last: EvictionAttempt["last"]): boolean {
  return last?.outcome.kind === "evicted" || last?.outcome.kind === "gone" || last?.outcome.kind === "otherPod";
}

function refusal(pod: PodFacts, attempt: EvictionAttempt | undefined): string | undefined {
  return attempt?.last && refusalSentence(pod, attempt.last.outcome);
}
