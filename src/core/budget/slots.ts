import type { NodeFacts } from "../fleet/node.ts";
import { hasOurEntry, holders, isOver, nodeOfEntry } from "../lock/place.ts";
import { once, type Scene } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import { budgetFull, slotsOf, type Slots, type TakenPlace } from "./taken-place.ts";

/**
 * Who takes a place (rule 1): every entry of the ledger, whoever wrote it, unless it is proven to be over; every node
 * that is in maintenance although its entry is gone; and every other node that is out of service for a reason of its
 * own. Classic sees no other node.
 */
export function slotsInUse(scene: Scene): Slots {
  return once(scene, "slots", () => countSlots(scene));
}

function countSlots(scene: Scene): Slots {
  const { view, policy } = scene;
  const { ledger } = view;
  const inLedger = ledger.kind === "seen" ? holders(ledger, scene) : [];
  const held = inLedger
    .filter((holder) => !isOver(holder))
    .map(({ entry }): TakenPlace => {
      const node = ledger.kind === "seen" ? nodeOfEntry(entry, { ledger, scene }) : undefined;
      const controlPlane = node?.controlPlane ?? view.leadership.kind === "leading";
      return { node: entry.nodeId, clause: `${entry.nodeId} holds the lock`, controlPlane };
    });
  const holding = new Set(held.map(({ node }) => node));
  const others: TakenPlace[] = [];
  for (const node of view.nodes) {
    const state = outOfService(node, policy.owner);
    if (state === undefined || holding.has(node.name)) continue;
    others.push({ node: node.name, clause: `${node.name} is ${state}`, controlPlane: node.controlPlane });
  }
  return slotsOf(Math.max(1, policy.concurrency), [...held, ...others]);
}

/** Why this node may not take a place now; its own being out of service does not count against it. */
export function slotRefusal(node: NodeFacts, { limit, taken, nodes, full }: Slots): Reason | undefined {
  if (full && !nodes.has(node.name)) return full;
  const others = taken.filter((place) => place.node !== node.name);
  if (others.length >= limit) return budgetFull(limit, others);
  if (!node.controlPlane) return undefined;
  const controlPlane = others.filter((place) => place.controlPlane);
  if (controlPlane.length === 0) return undefined;
  const unavailable = controlPlane.map(({ clause }) => `${clause}, and no two control-plane nodes go at once`);
  return { code: "BudgetFull", limit: 1, unavailable };
}

/** The places of intents that are not in the ledger yet: each is about to be taken. */
export function intendedPlaces(scene: Scene): readonly TakenPlace[] {
  const { nodes, ledger } = scene.view;
  const intended: TakenPlace[] = [];
  for (const node of nodes) {
    if (node.record.kind !== "record" || node.record.record.owner !== scene.policy.owner) continue;
    const { record } = node.record;
    if (record.phase !== "intended") continue;
    const isInLedger = ledger.kind === "seen" && hasOurEntry({ node, record }, { ledger, scene });
    if (!isInLedger) intended.push(intendedPlace(node));
  }
  return intended;
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
