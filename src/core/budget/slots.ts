import type { NodeFacts } from "../fleet/node.ts";
import type { Holder } from "../lock/place.ts";
import type { Scene } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";

/**
 * How many more nodes may be begun. Every entry of the ledger takes a place, whoever wrote it, and so does every
 * other node that is out of service for a reason of its own (rule 1); classic sees no other node.
 */
export interface Slots {
  readonly limit: number;
  /** What takes the places, for people. */
  readonly taken: readonly string[];
  /** Nodes that take a place without being in the ledger. */
  readonly unavailable: readonly NodeFacts[];
  /** Whether a control-plane node is among those that are out of service or in maintenance. */
  readonly controlPlaneTaken: boolean;
}

/** Counts the places. Entries that are proven to be over do not count. */
export function countSlots(holders: readonly Holder[], { view, policy }: Scene): Slots {
  const counting = holders.filter(({ standing }) => standing.kind !== "expired" && standing.kind !== "holderGone");
  const held = new Set(counting.map(({ entry }) => entry.nodeId));
  const unavailable = view.nodes.filter((node) => !held.has(node.name) && outOfService(node, policy.owner));
  const inMaintenance = view.nodes.filter((node) => held.has(node.name));
  return {
    limit: Math.max(1, policy.concurrency),
    taken: [
      ...counting.map(({ entry }) => `${entry.nodeId} holds the lock`),
      ...unavailable.map((node) => `${node.name} is ${serviceOf(node)}`),
    ],
    unavailable,
    controlPlaneTaken: [...inMaintenance, ...unavailable].some(({ controlPlane }) => controlPlane),
  };
}

/** Why this node may not take a place now; its own being out of service does not count against it. */
export function slotRefusal(
  node: NodeFacts,
  { slots, intents }: { slots: Slots; intents: number },
): Reason | undefined {
  const itself = slots.unavailable.some(({ name }) => name === node.name) ? 1 : 0;
  const free = slots.limit - (slots.taken.length - itself) - intents;
  if (free <= 0) {
    const unavailable = slots.taken.filter((text) => itself === 0 || !text.startsWith(`${node.name} is `));
    return { code: "BudgetFull", limit: slots.limit, unavailable };
  }
  const others = slots.controlPlaneTaken && !(itself === 1 && node.controlPlane);
  if (node.controlPlane && others)
    return { code: "BudgetFull", limit: 1, unavailable: ["another control-plane node is out of service"] };
  return undefined;
}

function outOfService(node: NodeFacts, owner: string): boolean {
  if (!node.ready || node.unschedulable) return true;
  return node.record.kind === "unreadable" || (node.record.kind === "record" && node.record.record.owner !== owner);
}

function serviceOf(node: NodeFacts): string {
  if (!node.ready) return "not Ready";
  if (node.unschedulable) return "cordoned";
  return "in another installation's hands";
}
