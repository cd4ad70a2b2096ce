import { slotRefusal } from "../budget/slots.ts";
import type { Slots } from "../budget/taken-place.ts";
import { agentStanding } from "../fleet/agent.ts";
import type { NodeFacts } from "../fleet/node.ts";
import { mayGoDown } from "../fleet/report.ts";
import { holders } from "../lock/place.ts";
import { ledgerFresh, lockRefusal, lockUnknown, lookAtLedger, neverBack, waitForPlace } from "../lock/waiting.ts";
import { gatesNow } from "../policy/gates.ts";
import { needRefusal, requestRefusals, windowRefusal, type Refusal } from "../policy/refusals.ts";
import type { Question } from "../question.ts";
import { once, type Scene, type Step } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";

/** Why a node without a record may not have its turn, apart from the others: all reasons, the decisive one first. */
export function candidateRefusal(node: NodeFacts, scene: Scene): Step | undefined {
  const unneeded = needRefusal(node) ?? goingDown(node);
  if (unneeded) return { reasons: [ofOurselves(unneeded, scene)] };
  const requests = requestRefusals(node, scene);
  const window = windowRefusal(scene);
  if (requests.length === 0 && window === undefined) return undefined;
  const step = refused([...requests, ...(window ? [window] : [])]);
  return step && requests.length > 0
    ? { ...step, questions: once(scene, "seldomLooks", () => seldomLooks(scene)) }
    : step;
}

/** Who decides for its own node is the agent that has not reported yet, and is about to. */
function ofOurselves({ reason }: Refusal, { policy }: Scene): Reason {
  return reason.code === "AgentMissing" && policy.agentProof === "self" ? { ...reason, looking: true } : reason;
}

/** Somebody removed the record of a reboot that was commanded: only its outcome tells what to do with the node. */
export function goingDown({ report }: NodeFacts): Refusal | undefined {
  if (report.kind !== "report" || !mayGoDown(report.report.commanded, report.report.boot)) return undefined;
  const detail = "a reboot that nobody has a record of was commanded, and its outcome is awaited";
  return { reason: { code: "CannotReboot", detail } };
}

/** What people asked for ends when they take it back, which somebody who polls must look for. */
function seldomLooks({ policy: { freshness } }: Scene): readonly Question[] {
  return [
    { kind: "nodes", freshForMs: freshness.waitingMs },
    { kind: "ledger", freshForMs: freshness.waitingMs },
  ];
}

/**
 * Those whom nothing refuses, oldest need first; names decide between equals, so that every decision sees one order.
 * The node on which this coordinator runs goes last: its reboot is also the coordinator's (rule 9).
 */
export function inOrder(ready: readonly number[], { view, policy: { self } }: Scene): readonly Placed[] {
  const placed = ready.flatMap((position): readonly Placed[] => {
    const node = view.nodes[position];
    return node === undefined ? [] : [{ node, position, last: node.name === self?.node, sinceMs: needSinceMs(node) }];
  });
  return placed.sort(
    (one, other) =>
      Number(one.last) - Number(other.last) ||
      one.sinceMs - other.sinceMs ||
      (one.node.name < other.node.name ? -1 : 1),
  );
}

/** A node with its position in the view, and what its place in the line depends on. */
interface Placed {
  readonly node: NodeFacts;
  readonly position: number;
  readonly last: boolean;
  readonly sinceMs: number;
}

/** What the turn of one node comes to. */
export type Turn =
  | { readonly kind: "now" }
  /** Its turn, though something must be found out first: nobody else is given its place meanwhile. */
  | { readonly kind: "soon"; readonly step: Step }
  /** Others have the places. */
  | { readonly kind: "waits"; readonly step: Step }
  | { readonly kind: "refused"; readonly step: Step };

/** Whether it is the turn of one node, given how many wait before it and who takes a place. */
export function turnOf(node: NodeFacts, { ahead, slots, scene }: { ahead: number; slots: Slots; scene: Scene }): Turn {
  const { ledger } = scene.view;
  if (ledger.kind === "unseen") return { kind: "refused", step: lookAtLedger(lockUnknown(ledger), scene) };
  const inLedger = holders(ledger, scene);
  const reasons: Reason[] = [];
  const locked = lockRefusal(inLedger, { ledger, limit: slots.limit, scene });
  const stoppers = scene.stopped.length > 0 || locked === undefined ? scene.stopped : neverBack(inLedger, scene);
  if (stoppers.length > 0) reasons.push({ code: "RollOutStopped", nodes: stoppers });
  if (locked) reasons.push(locked);
  const full = slotRefusal(node, slots);
  if (full) reasons.push(full);
  if (ahead > 0 && reasons.length > 0) reasons.push({ code: "Queued", ahead });
  const [first, ...more] = reasons;
  if (first) return { kind: "waits", step: { ...waitForPlace(first, { inLedger, scene }), reasons: [first, ...more] } };
  return lastLook(node, { scene, fresh: ledgerFresh(ledger, scene) });
}

/** What is asked only of a node whose turn it is, because it costs requests. */
function lastLook(node: NodeFacts, { scene, fresh }: { scene: Scene; fresh: boolean }): Turn {
  const { view, policy, now } = scene;
  const { waitingMs, decisiveMs, restingMs, gatesMs } = policy.freshness;
  const gates = gatesNow(node, { scene, freshForMs: decisiveMs });
  // Before everything that costs requests, which a node whose gates are shut would repeat for nothing.
  if (gates.kind === "shut")
    return {
      kind: "refused",
      step: { reasons: gates.reasons, questions: gates.questions.map((gate) => ({ ...gate, freshForMs: gatesMs })) },
    };
  // A claim rests on the agent, so that what was seen of it some minutes ago is not enough.
  if (!fresh) return { kind: "soon", step: lookAtLedger({ code: "Claiming" }, scene) };
  const freshForMs = Math.max(waitingMs, decisiveMs);
  if (view.nodesObservedAtMs + freshForMs < now.monotonicMs)
    return { kind: "soon", step: { reasons: [{ code: "Claiming" }], questions: [{ kind: "nodes", freshForMs }] } };
  const agent = agentStanding(node, { scene, freshForMs: decisiveMs });
  if (agent.kind === "alive" && gates.kind === "ask")
    return { kind: "soon", step: { reasons: [{ code: "Claiming" }], questions: gates.questions } };
  if (agent.kind === "alive") return { kind: "now" };
  if (agent.kind === "ask" && !agent.failed)
    return { kind: "soon", step: { reasons: [{ code: "Claiming" }], questions: [agent.question] } };
  const again: Question = { ...agent.question, freshForMs: restingMs };
  return { kind: "refused", step: { reasons: [agent.reason], questions: [again] } };
}

function needSinceMs({ report }: NodeFacts): number {
  return report.kind === "report" ? report.report.sinceMs : Infinity;
}

function refused(refusals: readonly Refusal[]): Step | undefined {
  const [first, ...more] = refusals.map(({ reason }) => reason);
  if (first === undefined) return undefined;
  return { reasons: [first, ...more], wakeAtMs: refusals.flatMap((refusal) => refusal.wakeAtMs ?? []) };
}
