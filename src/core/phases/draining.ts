import { emptied, remaining, type DrainPlan } from "../drain/plan.ts";
import { advance } from "../fleet/advance.ts";
import { agentStanding } from "../fleet/agent.ts";
import { bootChanged, bootComparable } from "../fleet/boot.ts";
import { decisiveLook, ownPlace } from "../lock/waiting.ts";
import { gatesNow, gatesSinceWrite } from "../policy/gates.ts";
import { needRefusal, requestRefusals, windowClosesAtMs, windowRefusal } from "../policy/refusals.ts";
import type { DrainSituation } from "../memory.ts";
import type { Question } from "../question.ts";
import { also, type NodeInHand, type Scene, type Step } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import { abandon, doubted } from "./abandon.ts";
import { approve, isSilent } from "./approve.ts";
import { commanded, hasCommittedAllTheSame } from "./commanded.ts";
import { detaching, settled, type Settling } from "./drain/detaching.ts";
import { setRight } from "./drain/instants.ts";
import { drainTimedOut, isForced, limitWakesMs, pastHardEnd, skipWakeMs } from "./drain/limits.ts";
import { evictions } from "./drain/evictions.ts";
import { arriving, rememberOwners } from "./drain/ready-elsewhere.ts";
import { seenPods, type SeenPods } from "./drain/pods.ts";
import { situationOf } from "./drain/situation.ts";
import { resting } from "./resting.ts";

/** Pods are evicted until nothing is left that must be gone; then the agent is asked to reboot. */
export function draining(inHand: NodeInHand, scene: Scene): Step {
  const step = drainEnds(inHand, scene) ?? setRight(inHand, scene) ?? suspended(inHand, scene) ?? drain(inHand, scene);
  return also(step, { wakeAtMs: [windowClosesAtMs(scene) ?? Infinity, ...limitWakesMs(inHand, scene)] });
}

/** What ends a drain, the gravest first. */
function drainEnds(inHand: NodeInHand, scene: Scene): Step | undefined {
  const { node } = inHand;
  if (bootChanged(inHand)) {
    const reason: Reason = { code: "Returning", detail: "its agent, after a reboot that we did not command" };
    return advance(inHand, { step: "return", change: { phase: "returning" }, reason, scene });
  }
  if (hasCommittedAllTheSame(inHand)) return commanded(inHand, scene);
  // Somebody wants pods on this node again: nothing of ours is left to take back.
  if (!node.unschedulable) return abandon(inHand, { reason: { code: "CordonLost" }, scene, rests: true });
  const place = ownPlace(inHand, scene);
  if (place.kind === "unsure") return place.step;
  if (place.kind === "lost") return abandon(inHand, { reason: { code: "LockLost" }, scene, rests: true });
  const reason = whyNotGoOn(inHand, scene);
  if (reason) return abandon(inHand, { reason, scene });
  if (drainTimedOut(inHand, scene) && scene.policy.onDrainTimeout === "abort" && !pastHardEnd(inHand, scene)) {
    const late: Reason = { code: "DrainTimedOut", afterMs: scene.policy.drainTimeoutMs };
    return abandon(inHand, { reason: late, scene, rests: true });
  }
  return undefined;
}

function whyNotGoOn(inHand: NodeInHand, scene: Scene): Reason | undefined {
  const unneeded = needRefusal(inHand.node)?.reason;
  if (unneeded?.code === "NotRequired") return unneeded;
  if (!bootComparable(inHand))
    return { code: "Closing", detail: "its agent tells its boot in another way than before" };
  if (scene.stopped.length > 0) return { code: "RollOutStopped", nodes: scene.stopped };
  return windowRefusal(scene)?.reason;
}

/** Nothing is evicted or approved meanwhile, and nothing is taken back either. */
function suspended(inHand: NodeInHand, scene: Scene): Step | undefined {
  const refusals = requestRefusals(inHand.node, scene);
  const [first, ...more] = refusals.map(({ reason }) => reason);
  if (first) {
    const wakeAtMs = refusals.flatMap((refusal) => refusal.wakeAtMs ?? []);
    return { reasons: [first, ...more], questions: resting(inHand, scene), wakeAtMs };
  }
  const unsure = needRefusal(inHand.node);
  if (unsure) return doubted(inHand, { reason: unsure.reason, scene });
  const agent = agentStanding(inHand.node, { scene, freshForMs: scene.policy.freshness.restingMs });
  switch (agent.kind) {
    case "ask":
      if (agent.failed) return also(doubted(inHand, { reason: agent.reason, scene }), { questions: [agent.question] });
      return { reasons: [agent.reason], questions: [agent.question, ...resting(inHand, scene)] };
    case "missing":
      return also(doubted(inHand, { reason: agent.reason, scene }), { questions: [agent.question] });
    case "alive":
      return trusted(inHand, scene);
  }
}

/** The end of a doubt is written too: the next one has its own time. */
function trusted(inHand: NodeInHand, scene: Scene): Step | undefined {
  if (inHand.record.doubtSinceMs === undefined) return undefined;
  // What a gate says, or an agent that does not ask, keeps the doubt alive, which `approve` judges.
  if (isSilent(inHand, scene)) return undefined;
  if (gatesNow(inHand.node, { scene, freshForMs: Infinity }).kind === "shut") return undefined;
  return advance(inHand, { step: "doubt", change: {}, reason: { code: "Draining", pods: [] }, scene });
}

function drain(inHand: NodeInHand, scene: Scene): Step {
  const seen = seenPods(inHand, scene);
  if (seen.kind === "unseen") {
    const why =
      seen.failure === undefined ? [] : [{ pod: "", sentence: `The pods cannot be listed: ${seen.failure}.` }];
    return { reasons: [{ code: "Draining", pods: why }], questions: [seen.question, ...resting(inHand, scene)] };
  }
  const { plan } = seen;
  const state = isForced(inHand, { plan, scene }) ? settled : emptying(inHand, { seen, scene });
  const step =
    state.kind === "waits"
      ? state.step
      : also(inSpiteOf(plan, approve(inHand, { seen, scene })), { questions: state.questions });
  const questions = [...seen.questions, ...resting(inHand, scene)];
  return also(step, { questions, wakeAtMs: [skipWakeMs(plan, scene)] });
}

/** Who reboots with pods left is told so, and not that the node is drained. */
function inSpiteOf(plan: DrainPlan, step: Step): Step {
  const [first, ...more] = step.reasons;
  const left = remaining(plan).length;
  return left === 0 || first.code !== "Drained" ? step : { ...step, reasons: [{ ...first, left }, ...more] };
}

/** First the pods go, then their volumes; then they are to be ready where they went. */
function emptying(
  inHand: NodeInHand,
  { seen, scene }: { seen: Extract<SeenPods, { kind: "plan" }>; scene: Scene },
): Settling {
  const { plan, look } = seen;
  const situation = emptied(plan) ? undefined : situationOf(plan, scene);
  const step =
    (situation && held(inHand, { plan, situation, scene })) ??
    rememberOwners(inHand, { seen, scene }) ??
    (situation && evictions(inHand, { plan, situation, scene }));
  if (step) return { kind: "waits", step };
  if (look) return { kind: "waits", step: lastLook(inHand, { look, scene }) };
  const volumes = detaching(inHand, { plan, scene });
  if (volumes.kind === "waits") return volumes;
  const pods = arriving(inHand, scene);
  return pods ? { kind: "waits", step: also(pods, { questions: volumes.questions }) } : volumes;
}

/**
 * Nothing is left of what was seen before the cordon. The lock is read with it, because the approval wants that too.
 */
function lastLook(inHand: NodeInHand, { look, scene }: { look: Question; scene: Scene }): Step {
  const ledger = decisiveLook(inHand, scene);
  return {
    reasons: [{ code: "Drained", detail: "a last look at the cluster", looking: true }],
    questions: [look, ...(ledger ? [ledger] : [])],
  };
}

/**
 * Before the first eviction the gates are asked once more: a pod may have come until the cordon was there. What has
 * begun goes on, because a drain raises alerts of its own.
 */
function held(
  inHand: NodeInHand,
  { plan, situation, scene }: { plan: DrainPlan; situation: DrainSituation; scene: Scene },
): Step | undefined {
  if (situation.begun) return undefined;
  const gates = gatesSinceWrite(inHand, scene);
  if (gates.kind === "open") return undefined;
  if (gates.kind === "shut") return abandon(inHand, { reason: gates.reasons[0], scene });
  return { reasons: [{ code: "Draining", left: remaining(plan).length, pods: [] }], questions: gates.questions };
}
