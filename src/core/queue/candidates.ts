import { slotRefusal, type Slots } from "../budget/slots.ts";
import { agentStanding } from "../fleet/agent.ts";
import type { NodeFacts } from "../fleet/node.ts";
import { holders, type Holder, type SeenLedger } from "../lock/place.ts";
import { ledgerFresh, lockedBy, lookAtLedger, waitForPlace } from "../lock/waiting.ts";
import { needRefusal, requestRefusals, windowRefusal, type Refusal } from "../policy/refusals.ts";
import type { Scene, Step } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";

/** What one node without a record is told: either why it may not, or that nothing but its turn is missing. */
export type Candidacy =
  | { readonly kind: "refused"; readonly step: Step }
  /** Nothing speaks against it but the others. */
  | { readonly kind: "ready"; readonly node: NodeFacts };

/** Everything about the node itself: all reasons, the decisive one first. */
export function candidacy(node: NodeFacts, scene: Scene): Candidacy {
  const unneeded = needRefusal(node);
  if (unneeded) return refused([unneeded]);
  const window = windowRefusal(scene);
  const refusals = [...requestRefusals(node, scene), ...(window ? [window] : [])];
  if (refusals.length > 0) return refused(refusals);
  return { kind: "ready", node };
}

/** Those that are ready, oldest need first; names decide between equals, so that every decision sees one order. */
export function inOrder(ready: readonly NodeFacts[]): readonly NodeFacts[] {
  return ready.toSorted((one, other) => needSinceMs(one) - needSinceMs(other) || (one.name < other.name ? -1 : 1));
}

/** The turn of one ready node: `undefined` means that it is now. */
export function turnRefusal(
  node: NodeFacts,
  { ahead, scene, slots, stopped, intents }: Turn & { readonly ahead: number; readonly intents: number },
): Step | undefined {
  const { ledger } = scene.view;
  if (ledger.kind === "unseen") return lookAtLedger({ code: "LockUnknown", detail: ledger.reason }, scene);
  const inLedger = holders(ledger, scene);
  const reasons: Reason[] = [];
  if (stopped.length > 0) reasons.push({ code: "RollOutStopped", nodes: stopped });
  if (lockRefuses(inLedger, { ledger, limit: slots.limit })) reasons.push(lockedBy(inLedger, ledger));
  const full = slotRefusal(node, { slots, intents });
  if (full) reasons.push(full);
  if (ahead > 0 && reasons.length > 0) reasons.push({ code: "Queued", ahead });
  const [first, ...more] = reasons;
  if (first) return { ...waitForPlace(first, { inLedger, scene }), reasons: [first, ...more] };
  if (!ledgerFresh(ledger, scene)) return lookAtLedger({ code: "Claiming" }, scene);
  const freshForMs = Math.max(scene.policy.freshness.waitingMs, scene.policy.freshness.decisiveMs);
  if (scene.view.nodesObservedAtMs + freshForMs < scene.now.monotonicMs)
    return { reasons: [{ code: "Claiming" }], questions: [{ kind: "nodes", freshForMs }] };
  return agentRefusal(node, scene);
}

/** Asked last, and only of a node whose turn it is: the only one of these that costs a request for each node. */
function agentRefusal(node: NodeFacts, scene: Scene): Step | undefined {
  const freshForMs = scene.policy.freshness.restingMs;
  const agent = agentStanding(node, { scene, freshForMs });
  switch (agent.kind) {
    case "alive":
      return undefined;
    case "ask":
      return { reasons: [agent.reason], questions: [agent.question] };
    case "missing":
      return { reasons: [agent.reason], questions: [{ kind: "pods", node: node.name, freshForMs }] };
  }
}

/** What all ready nodes have in common in one decision. */
export interface Turn {
  readonly scene: Scene;
  readonly slots: Slots;
  /** Nodes that did not come back; while there are any, nothing is begun (rule 8). */
  readonly stopped: readonly string[];
}

/** Whether the lock itself, apart from the number of places, keeps us out. */
function lockRefuses(inLedger: readonly Holder[], { ledger, limit }: { ledger: SeenLedger; limit: number }): boolean {
  if (ledger.ledger.kind === "unreadable") return true;
  const others = inLedger.filter(({ standing }) => standing.kind !== "expired" && standing.kind !== "holderGone");
  if (others.some(({ standing }) => standing.kind === "pauseByHand")) return true;
  // Someone in the lock's other format is waited for, whatever the limit.
  const format = limit > 1 ? "multi" : "single";
  if (ledger.ledger.kind !== "free" && ledger.ledger.kind !== format && others.length > 0) return true;
  return others.length >= limit && others.some(({ standing }) => standing.kind !== "ours");
}

function needSinceMs({ report }: NodeFacts): number {
  return report.kind === "report" ? report.report.sinceMs : Infinity;
}

function refused(refusals: readonly Refusal[]): Candidacy {
  const [first, ...more] = refusals.map(({ reason }) => reason);
  if (first === undefined) throw new TypeError("A refusal without a reason");
  const wakeAtMs = refusals.flatMap((refusal) => refusal.wakeAtMs ?? []);
  return { kind: "refused", step: { reasons: [first, ...more], wakeAtMs } };
}
