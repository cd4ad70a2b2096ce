import type { LedgerFacts, View } from "../fleet/view.ts";
import { questionKey, type Question } from "../question.ts";
import { once, type NodeInHand, type Scene } from "../scene.ts";
import type { LedgerEntry } from "./entry.ts";
import type { Ledger } from "./ledger.ts";
import type { Holder } from "./holder.ts";
import { standing, type HolderNode, type Standing } from "./standing.ts";

/** The ledger once it has been read. */
export type SeenLedger = Extract<LedgerFacts, { kind: "seen" }>;

interface LedgerLook {
  readonly ledger: SeenLedger;
  readonly scene: Pick<Scene, "memo">;
}

/** Whether the ledger holds the entry that this record names. */
export function hasOurEntry({ node, record }: NodeInHand, looked: LedgerLook): boolean {
  return entriesOfNode(node.name, looked).some(({ created }) => created === record.lock);
}

/** The entries, whatever the format; none where the annotation is free or unreadable. */
export function entriesOf(ledger: Ledger): readonly LedgerEntry[] {
  switch (ledger.kind) {
    case "free":
    case "unreadable":
      return [];
    case "single":
      return [ledger.entry];
    case "multi":
      return ledger.entries;
  }
}

/** How long a node must have been back in service before its expired entry is dropped. */
const settleMs = 5 * 60_000;

/**
 * Everybody in the ledger, each with what is known of the Node that it names. An entry that a record of ours names is
 * ours for as long as that Node exists. With the Node goes the record: a machine that registers anew while it reboots
 * is taken for a new one, its place is freed by the 404, and its next agent starts from what it finds.
 */
export function holders(ledger: SeenLedger, scene: Scene): readonly Holder[] {
  return once(scene, "holders", () => findHolders(ledger, scene));
}

/** The entries that name this node, in the order of the ledger. */
export function entriesOfNode(name: string, { ledger, scene }: LedgerLook): readonly LedgerEntry[] {
  return byNode({ ledger, scene }).get(name) ?? [];
}

function byNode(look: LedgerLook): ReadonlyMap<string, readonly LedgerEntry[]> {
  return look.scene.memo?.entriesByNode ?? groupByNode(look);
}

/** Apart, because every node of the fleet asks, and only the first needs a closure. */
function groupByNode({ ledger, scene }: LedgerLook): ReadonlyMap<string, readonly LedgerEntry[]> {
  return once(scene, "entriesByNode", () => Map.groupBy(entriesOf(ledger.ledger), ({ nodeId }) => nodeId));
}

/** The node that an entry names; `undefined` if the view has none. Those that no entry names are not looked for. */
export function nodeOfEntry({ nodeId }: LedgerEntry, { ledger, scene }: LedgerLook & { readonly scene: Scene }) {
  return once(scene, "nodesInLedger", () => {
    const named = byNode({ ledger, scene });
    return new Map(scene.view.nodes.filter(({ name }) => named.has(name)).map((node) => [node.name, node]));
  }).get(nodeId);
}

function findHolders(ledger: SeenLedger, scene: Scene): readonly Holder[] {
  return entriesOf(ledger.ledger).map((entry) => {
    const node = nodeOfEntry(entry, { ledger, scene });
    const record = node?.record.kind === "record" ? node.record.record : undefined;
    if (node && record && record.owner === scene.policy.owner && record.lock === entry.created)
      return { entry, standing: { kind: "ours" } as const };
    const freshForMs = holderFreshForMs(entry, { inView: node !== undefined, scene });
    const question: Question = { kind: "nodeExists", node: entry.nodeId, freshForMs };
    const standingOfIt = standingNow(entry, { sighting: sightingOf(question, scene), scene });
    const answer = scene.view.answers.get(questionKey(question));
    const seen = answer?.kind === "nodeExists" && answer.node.kind === "present" ? { node: answer.node } : {};
    return { entry, standing: standingOfIt, question, isLookedAt: answer !== undefined, ...seen };
  });
}

/** Whether nobody counts on this entry any more. */
export function isOver({ standing: { kind } }: Holder): boolean {
  return kind === "expired" || kind === "holderGone";
}

function standingNow(entry: LedgerEntry, { sighting, scene }: { sighting: HolderNode; scene: Scene }): Standing {
  return standing(entry, { wallMs: scene.now.wallMs, node: sighting, settleMs });
}

/**
 * How long one look at a holder's Node counts: seldom, so that a thousand waiting nodes stay quiet, unless its answer
 * may end the waiting: the time is over, or a watch has no such node.
 */
function holderFreshForMs(entry: LedgerEntry, { inView, scene }: { inView: boolean; scene: Scene }): number {
  const { view, policy } = scene;
  const watched = view.leadership.kind === "leading";
  const timeIsOver = standingNow(entry, { sighting: { kind: "unknown" }, scene }).kind === "expiredUnsettled";
  const oftenMs = watched ? 10_000 : Math.max(5_000, policy.freshness.waitingMs);
  return timeIsOver || (watched && !inView) ? oftenMs : Math.max(oftenMs, 5 * policy.freshness.waitingMs);
}

/** Only the API server's own answer proves that a Node is gone; a cache that lacks it proves nothing. */
function sightingOf(question: Question, { view, now }: { view: View; now: Scene["now"] }): HolderNode {
  const answer = view.answers.get(questionKey(question));
  if (answer?.kind !== "nodeExists" || answer.observedAtMs + question.freshForMs < now.monotonicMs)
    return { kind: "unknown" };
  return answer.node;
}
