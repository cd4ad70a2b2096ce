import type { NodeFacts } from "../fleet/node.ts";
import { hasOurEntry, isOver } from "../lock/place.ts";
import type { Holder } from "../lock/holder.ts";
import type { Scene } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";

/**
 * Who takes a place (rule 1): every entry of the ledger, whoever wrote it; every node that is in maintenance although
 * its entry is gone; and every other node that is out of service for a reason of its own. Classic sees no other node.
 */
export interface Slots {
  readonly limit: number;
  readonly taken: readonly TakenPlace[];
}

/** One node, or one word in the lock, that takes a place. */
export interface TakenPlace {
  readonly node: string;
  /** A clause for people: `n1 holds the lock`. */
  readonly clause: string;
  /** Also where the node is not known: of two that may be control-plane nodes one is too many. */
  readonly controlPlane: boolean;
}

/** Counts the places. Entries that are proven to be over do not count. */
export function countSlots(inLedger: readonly Holder[], { view, policy }: Scene): Slots {
  const held = inLedger
    .filter((holder) => !isOver(holder))
    .map(({ entry }): TakenPlace => {
      const node = view.nodes.find(({ name }) => name === entry.nodeId);
      const controlPlane = node?.controlPlane ?? view.leadership.kind === "leading";
      return { node: entry.nodeId, clause: `${entry.nodeId} holds the lock`, controlPlane };
    });
  const others = view.nodes.flatMap((node): readonly TakenPlace[] => {
    const state = outOfService(node, policy.owner);
    if (state === undefined || held.some((place) => place.node === node.name)) return [];
    return [{ node: node.name, clause: `${node.name} is ${state}`, controlPlane: node.controlPlane }];
  });
  return { limit: Math.max(1, policy.concurrency), taken: [...held, ...others] };
}

/** Why this node may not take a place now; its own being out of service does not count against it. */
export function slotRefusal(node: NodeFacts, { limit, taken }: Slots): Reason | undefined {
  const others = taken.filter((place) => place.node !== node.name);
  if (others.length >= limit) return { code: "BudgetFull", limit, unavailable: others.map(({ clause }) => clause) };
  if (!node.controlPlane) return undefined;
  const controlPlane = others.filter((place) => place.controlPlane);
  if (controlPlane.length === 0) return undefined;
  const unavailable = controlPlane.map(({ clause }) => `${clause}, and no two control-plane nodes go at once`);
  return { code: "BudgetFull", limit: 1, unavailable };
}

/** The places of intents that are not in the ledger yet: each is about to be taken. */
export function intendedPlaces({ view, policy }: Scene): readonly TakenPlace[] {
  return view.nodes.flatMap((node): readonly TakenPlace[] => {
    if (node.record.kind !== "record" || node.record.record.owner !== policy.owner) return [];
    const { record } = node.record;
    if (record.phase !== "intended" || (view.ledger.kind === "seen" && hasOurEntry(view.ledger, { node, record })))
      return [];
    return [intendedPlace(node)];
  });
}

/** The place that a node is about to take. */
export function intendedPlace({ name, controlPlane }: NodeFacts): TakenPlace {
  return { node: name, clause: `${name} is about to take the lock`, controlPlane };
}

/** Why a node is not available, as the end of a clause; `undefined` if it is. */
function outOfService(node: NodeFacts, owner: string): string | undefined {
  const { record } = node;
  if (record.kind === "unreadable") return "left alone because its record cannot be read";
  if (record.kind === "record" && record.record.owner !== owner) return "in another installation's hands";
  if (record.kind === "record" && inMaintenance.has(record.record.phase)) return "in maintenance";
  if (!node.ready) return "not Ready";
  return node.unschedulable ? "cordoned" : undefined;
}

const inMaintenance: ReadonlySet<string> = new Set(["claimed", "draining", "approved", "rebooting", "returning"]);
