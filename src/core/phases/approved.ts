import { isGoing } from "../drain/plan.ts";
import { advance } from "../fleet/advance.ts";
import { agentStanding } from "../fleet/agent.ts";
import { bootChanged } from "../fleet/boot.ts";
import { ownPlace } from "../lock/waiting.ts";
import { gatesNow } from "../policy/gates.ts";
import { needRefusal, requestRefusals, windowClosesAtMs, windowRefusal } from "../policy/refusals.ts";
import type { Question } from "../question.ts";
import { monotonicOf, type NodeInHand, type Scene, type Step } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import { commanded, hasCommitted } from "./commanded.ts";
import { keptCordon } from "./cordon.ts";
import { mayLeavePods } from "./drain/limits.ts";
import { seenPods } from "./drain/pods.ts";

/**
 * The agent may commit. Until it has, everything that led here may still change, and then the approval is taken
 * back; the API server decides which of the two writes is first.
 */
export function approved(inHand: NodeInHand, scene: Scene): Step {
  const { record } = inHand;
  if (hasCommitted(inHand)) return commanded(inHand, scene);
  if (bootChanged(inHand)) {
    const reason: Reason = { code: "Returning", detail: "its agent, after a reboot that we did not command" };
    return advance(inHand, {
      step: "return",
      change: { phase: "returning", cordon: keptCordon(inHand) },
      reason,
      scene,
    });
  }
  const unusedAtMs = monotonicOf(record.phaseSinceMs + approvalMsMax, scene.now);
  const reason = withdrawal(inHand, scene) ?? (unusedAtMs <= scene.now.monotonicMs ? unused : undefined);
  if (reason) return advance(inHand, { step: "resume", change: { phase: "draining" }, reason, scene });
  return {
    reasons: [{ code: "Approved" }],
    questions: approvedQuestions(inHand, scene),
    wakeAtMs: [unusedAtMs, windowClosesAtMs(scene) ?? Infinity],
  };
}

/** Longer than an agent keeps a nonce: whoever has not committed by now never will with this approval. */
const approvalMsMax = 90_000;

const unused: Reason = { code: "Drained", detail: "a new request of the agent, which did not use the last approval" };

/** Why the approval must be taken back. */
function withdrawal(inHand: NodeInHand, scene: Scene): Reason | undefined {
  const { node, record } = inHand;
  if (!node.unschedulable) return { code: "CordonLost" };
  if (ownPlace(inHand, scene).kind === "lost") return { code: "LockLost" };
  if (scene.stopped.length > 0) return { code: "RollOutStopped", nodes: scene.stopped };
  const refusal = needRefusal(node) ?? requestRefusals(node, scene)[0] ?? windowRefusal(scene);
  if (refusal) return refusal.reason;
  if (node.report.kind === "report" && node.report.report.nonce !== record.nonce) return unused;
  const agent = agentStanding(node, { scene, freshForMs: scene.policy.freshness.restingMs });
  if (agent.kind === "missing") return agent.reason;
  const gates = gatesNow(node, { scene, freshForMs: scene.policy.freshness.decisiveMs });
  if (gates.kind === "shut") return gates.reasons[0];
  return podsAppeared(inHand, scene) ? { code: "Draining", pods: [] } : undefined;
}

/** Whether a pod that must be gone is on the node again. */
function podsAppeared(inHand: NodeInHand, scene: Scene): boolean {
  if (mayLeavePods(inHand, scene)) return false;
  const seen = seenPods(inHand, scene);
  return seen.kind === "plan" && seen.look === undefined && seen.plan.pods.some(isGoing);
}

function approvedQuestions(inHand: NodeInHand, scene: Scene): readonly Question[] {
  const { goingMs, restingMs, decisiveMs } = scene.policy.freshness;
  const gates = gatesNow(inHand.node, { scene, freshForMs: decisiveMs });
  const place = ownPlace(inHand, scene);
  const seen = seenPods(inHand, scene);
  return [
    { kind: "nodes", freshForMs: goingMs },
    // A pause of the fleet takes the approval back, and whoever polls has but this moment to see it.
    { kind: "ledger", freshForMs: goingMs },
    { kind: "pods", node: inHand.node.name, freshForMs: restingMs },
    ...(place.kind === "unsure" ? (place.step.questions ?? []) : []),
    ...(seen.kind === "plan" ? seen.questions : []),
    ...(gates.kind === "ask" ? gates.questions : []),
  ];
}
