import { emptied, planDrain } from "../drain/plan.ts";
import { advance } from "../fleet/advance.ts";
import { agentStanding } from "../fleet/agent.ts";
import { bootChanged } from "../fleet/boot.ts";
import { approvalOf } from "../fleet/record.ts";
import { hasOurEntry } from "../lock/place.ts";
import { needRefusal, requestRefusals, windowClosesAtMs, windowRefusal } from "../policy/refusals.ts";
import { questionKey } from "../question.ts";
import { monotonicOf, type NodeInHand, type Scene, type Step } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";

/**
 * The agent may commit. Until it has, everything that led here may still change, and then the approval is taken
 * back; the API server decides which of the two writes is first.
 */
export function approved(inHand: NodeInHand, scene: Scene): Step {
  const { record } = inHand;
  if (hasCommitted(inHand))
    return advance(inHand, {
      step: "reboot",
      change: { phase: "rebooting" },
      reason: { code: "Rebooting", untilMs: scene.now.wallMs + scene.policy.rebootDeadlineMs },
      scene,
    });
  if (bootChanged(inHand)) {
    const reason: Reason = { code: "Returning", detail: "its agent, after a reboot that we did not command" };
    return advance(inHand, { step: "return", change: { phase: "returning" }, reason, scene });
  }
  const unusedAtMs = monotonicOf(record.phaseSinceMs + approvalMsMax, scene.now);
  const reason = withdrawal(inHand, scene) ?? (unusedAtMs <= scene.now.monotonicMs ? unused : undefined);
  if (reason) return advance(inHand, { step: "resume", change: { phase: "draining" }, reason, scene });
  return {
    reasons: [{ code: "Approved" }],
    questions: [{ kind: "nodes", freshForMs: scene.policy.freshness.goingMs }],
    wakeAtMs: [unusedAtMs, windowClosesAtMs(scene) ?? Infinity],
  };
}

/** Longer than an agent keeps a nonce: whoever has not committed by now never will with this approval. */
const approvalMsMax = 90_000;

const unused: Reason = { code: "Drained", detail: "a new request of the agent, which did not use the last approval" };

/** Whether the agent has committed to exactly this approval. */
function hasCommitted({ node, record }: NodeInHand): boolean {
  return node.report.kind === "report" && node.report.report.commanded?.approval === approvalOf(record);
}

/** Why the approval must be taken back. */
function withdrawal(inHand: NodeInHand, scene: Scene): Reason | undefined {
  const { node, record } = inHand;
  const { ledger } = scene.view;
  if (ledger.kind === "seen" && !hasOurEntry(ledger, inHand)) return { code: "LockLost" };
  if (!node.unschedulable) return { code: "CordonLost" };
  const refusal = needRefusal(node) ?? requestRefusals(node, scene)[0] ?? windowRefusal(scene);
  if (refusal) return refusal.reason;
  if (node.report.kind === "report" && node.report.report.nonce !== record.nonce) return unused;
  const agent = agentStanding(node, { scene, freshForMs: scene.policy.freshness.restingMs });
  if (agent.kind === "missing") return agent.reason;
  return podsAppeared(inHand, scene) ? { code: "Draining", left: 0, pods: [] } : undefined;
}

/** Whether a pod that must be gone is on the node again; only looked at where pods are watched anyway. */
function podsAppeared({ node }: NodeInHand, { view, policy, now }: Scene): boolean {
  if (policy.forceReboot) return false;
  const answer = view.answers.get(questionKey({ kind: "pods", node: node.name, freshForMs: 0 }));
  if (answer?.kind !== "pods") return false;
  const daemonSets = new Map(
    answer.pods.flatMap(({ namespace, controller }) =>
      controller?.kind === "DaemonSet" ? [[`${namespace}/${controller.name}`, "exists"] as const] : [],
    ),
  );
  return !emptied(planDrain(answer.pods, { options: policy.drain, daemonSets, wallMs: now.wallMs }));
}
