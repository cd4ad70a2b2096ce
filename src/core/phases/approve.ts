import { advance, recordKey } from "../fleet/advance.ts";
import { agentStanding } from "../fleet/agent.ts";
import { questionKey, type Question } from "../question.ts";
import { also, monotonicOf, type NodeInHand, type Scene, type Step } from "../scene.ts";
import { neededForRebootMs, ownEndMs, renewFor } from "./renew.ts";

/**
 * The drain is complete, or its time is over and the operator wants the reboot all the same. What the approval
 * rests on is looked at once more, fresh (rule 2); everything else was asked in this very decision.
 */
export function approve(inHand: NodeInHand, scene: Scene): Step {
  const { node, record } = inHand;
  const delayed = rebootDelay(inHand, scene);
  if (delayed) return delayed;
  const stale = staleObservations(inHand, scene);
  if (stale.length > 0)
    return { reasons: [{ code: "Drained", detail: "a last look at the cluster" }], questions: stale };
  const agent = agentStanding(node, { scene, freshForMs: scene.policy.freshness.decisiveMs });
  if (agent.kind !== "alive")
    return { reasons: [agent.reason], questions: agent.kind === "ask" ? [agent.question] : [] };
  if (!reachesBeyondReboot(inHand, scene)) {
    const renew = renewFor(inHand, { scene, reachMs: neededForRebootMs(scene) });
    return also({ reasons: [{ code: "Drained", detail: "a longer time in the lock" }] }, renew);
  }
  const nonce = node.report.kind === "report" ? node.report.report.nonce : undefined;
  if (nonce === undefined || nonce === record.nonce)
    return {
      reasons: [{ code: "Drained", detail: "the agent to ask for the approval" }],
      questions: [{ kind: "nodes", freshForMs: scene.policy.freshness.decisiveMs }],
    };
  return advance(inHand, {
    step: "approve",
    change: { phase: "approved", nonce, attempt: record.attempt + 1 },
    reason: { code: "Approved" },
    scene,
  });
}

/** The delay counts from the written end of the drain, so that a restart does not begin it anew (bug B16). */
function rebootDelay(inHand: NodeInHand, scene: Scene): Step | undefined {
  const { record } = inHand;
  const { rebootDelayMs } = scene.policy;
  if (rebootDelayMs <= 0) return undefined;
  const reason = { code: "Drained", detail: `the reboot delay of ${Math.round(rebootDelayMs / 1000)} s` } as const;
  if (record.drainedAtMs === undefined)
    return advance(inHand, { step: "drained", change: { drainedAtMs: scene.now.wallMs }, reason, scene });
  const endsAtMs = monotonicOf(record.drainedAtMs + rebootDelayMs, scene.now);
  return endsAtMs > scene.now.monotonicMs ? { reasons: [reason], wakeAtMs: [endsAtMs] } : undefined;
}

/** The Node itself need not be looked at: the approval carries its resourceVersion. */
function staleObservations({ node }: NodeInHand, { view, policy, now }: Scene): readonly Question[] {
  const freshForMs = policy.freshness.decisiveMs;
  const fresh = (observedAtMs: number) => observedAtMs + freshForMs >= now.monotonicMs;
  const pods: Question = { kind: "pods", node: node.name, freshForMs };
  const seenPods = view.answers.get(questionKey(pods));
  const cordonedAtMs = view.attempts.get(recordKey(node.name))?.last?.endedAtMs ?? -Infinity;
  const podsFresh = seenPods?.kind === "pods" && seenPods.observedAtMs >= cordonedAtMs && fresh(seenPods.observedAtMs);
  const stale: Question[] = [];
  if (!podsFresh) stale.push(pods);
  if (view.ledger.kind === "unseen" || !fresh(view.ledger.observedAtMs)) stale.push({ kind: "ledger", freshForMs });
  return stale;
}

function reachesBeyondReboot({ node, record }: NodeInHand, scene: Scene): boolean {
  if (scene.policy.lockTtlNs <= 0n || scene.view.ledger.kind === "unseen") return true;
  const endMs = ownEndMs(scene.view.ledger, { node: node.name, created: record.lock });
  return endMs === undefined || endMs - scene.now.wallMs >= neededForRebootMs(scene);
}
