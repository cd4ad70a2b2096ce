import { lastEndedAtMs } from "../attempt.ts";
import { advance, recordKey } from "../fleet/advance.ts";
import { agentStanding } from "../fleet/agent.ts";
import { decisiveLook } from "../lock/waiting.ts";
import { untold } from "../notices/reached.ts";
import { gatesNow } from "../policy/gates.ts";
import type { Question } from "../question.ts";
import { also, monotonicOf, type NodeInHand, type Scene, type Step } from "../scene.ts";
import { abandon, doubted } from "./abandon.ts";
import type { SeenPods } from "./drain/pods.ts";
import { neededForRebootMs, ownEndMs, renewFor } from "./renew.ts";

/**
 * The drain is complete, or its time is over and the operator wants the reboot all the same. What the approval
 * rests on is looked at once more, fresh (rule 2), except the node itself: the write fails if that has changed.
 */
export function approve(
  inHand: NodeInHand,
  { seen, scene }: { seen: Extract<SeenPods, { kind: "plan" }>; scene: Scene },
): Step {
  const { node, record } = inHand;
  const { freshness } = scene.policy;
  if (record.attempt >= approvalsMax) {
    const detail = `none of ${record.attempt} approvals led to a reboot`;
    return abandon(inHand, { reason: { code: "Closing", detail }, scene, rests: true });
  }
  const onPods: Question = { kind: "pods", node: node.name, freshForMs: freshness.restingMs };
  const delayed = rebootDelay(inHand, scene);
  if (delayed) return also(delayed, { questions: [onPods] });
  const gates = gatesNow(node, { scene, freshForMs: freshness.decisiveMs });
  // The drain itself may have raised the alert, so it is waited out for a while. Force does not open a gate.
  if (gates.kind === "shut")
    return also(doubted(inHand, { reason: gates.reasons[0], scene }), { questions: [...gates.questions, onPods] });
  const stale = [...staleLooks(inHand, { seen, scene }), ...(gates.kind === "ask" ? gates.questions : [])];
  if (stale.length > 0)
    return { reasons: [{ code: "Drained", detail: "a last look at the cluster" }], questions: stale };
  const agent = agentStanding(node, { scene, freshForMs: freshness.decisiveMs });
  if (agent.kind !== "alive") return { reasons: [agent.reason], questions: [agent.question] };
  if (!reachesBeyondReboot(inHand, scene)) {
    const renew = renewFor(inHand, { scene, reachMs: neededForRebootMs(scene) });
    return also({ reasons: [{ code: "Drained", detail: "a longer time in the lock" }], questions: [onPods] }, renew);
  }
  const nonce = node.report.kind === "report" ? node.report.report.nonce : undefined;
  if (nonce === undefined || nonce === record.nonce)
    return also(awaitNonce(inHand, scene), { questions: [onPods, { kind: "nodes", freshForMs: freshness.goingMs }] });
  const telling = toldBefore(inHand, scene);
  if (telling) return also(telling, { questions: [onPods] });
  return advance(inHand, {
    step: "approve",
    change: { phase: "approved", nonce, attempt: record.attempt + 1 },
    reason: { code: "Approved" },
    scene,
  });
}

/** An agent that lives and may not commit, as where a policy forbids it, must not keep its node drained for ever. */
const approvalsMax = 10;

/**
 * Whether the agent, though it lives, does not ask for an approval: it does within a moment, and again within a minute.
 */
export function isSilent(inHand: NodeInHand, scene: Scene): boolean {
  return !asks(inHand) && silentFromMs(inHand, scene) <= scene.now.monotonicMs;
}

function asks({ node: { report }, record }: NodeInHand): boolean {
  const nonce = report.kind === "report" ? report.report.nonce : undefined;
  return nonce !== undefined && nonce !== record.nonce;
}

function silentFromMs({ node, record }: NodeInHand, scene: Scene): number {
  const writtenAtMs = lastEndedAtMs(recordKey(node.name), scene);
  return Math.max(writtenAtMs, monotonicOf(record.phaseSinceMs, scene.now)) + askMsMax;
}

const askMsMax = 90_000;

function awaitNonce(inHand: NodeInHand, scene: Scene): Step {
  const reason = { code: "Drained", detail: "the agent to ask for the approval" } as const;
  if (isSilent(inHand, scene)) return doubted(inHand, { reason, scene });
  return { reasons: [reason], wakeAtMs: [silentFromMs(inHand, scene)] };
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

/**
 * A machine that goes down may take us with it, so people hear of it before: for some seconds the approval waits for
 * that. Whoever cannot be told within them is told as soon as may be.
 */
function toldBefore(inHand: NodeInHand, scene: Scene): Step | undefined {
  const { node, record } = inHand;
  if (!scene.policy.notices) return undefined;
  const reason = { code: "Drained", detail: "people to be told of it" } as const;
  if (record.notices?.reboot === undefined)
    return advance(inHand, { step: "note", change: { notices: { ...record.notices, reboot: "due" } }, reason, scene });
  const endsAtMs = lastEndedAtMs(recordKey(node.name), scene) + tellMsMax;
  const isTold = !untold({ ...inHand, view: scene.view }).includes("reboot");
  return isTold || endsAtMs <= scene.now.monotonicMs ? undefined : { reasons: [reason], wakeAtMs: [endsAtMs] };
}

const tellMsMax = 3_000;

function staleLooks(
  inHand: NodeInHand,
  { seen, scene }: { seen: Extract<SeenPods, { kind: "plan" }>; scene: Scene },
): readonly Question[] {
  const freshForMs = scene.policy.freshness.decisiveMs;
  const stale: Question[] = [];
  if (seen.observedAtMs + freshForMs < scene.now.monotonicMs)
    stale.push({ kind: "pods", node: inHand.node.name, freshForMs });
  const ledger = decisiveLook(inHand, scene);
  if (ledger) stale.push(ledger);
  return stale;
}

function reachesBeyondReboot({ node, record }: NodeInHand, scene: Scene): boolean {
  if (scene.policy.lockTtlNs <= 0n || scene.view.ledger.kind === "unseen") return true;
  const endMs = ownEndMs(scene.view.ledger, { node: node.name, created: record.lock });
  return endMs === undefined || endMs - scene.now.wallMs >= neededForRebootMs(scene);
}
