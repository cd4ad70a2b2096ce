import type { NodeFacts } from "../../core/fleet/node.ts";
import type { Leadership } from "../../core/fleet/view.ts";

/** The term to lead in. A Lease that was deleted counts from one again; the records remember. */
export interface Terms {
  /** The nodes as listed: what the first list tells was there before us, what later ones tell is a newer leader's. */
  listed(nodes: readonly NodeFacts[]): void;
  /** The Lease has been renewed, by a request that was sent after the last word of this; `nodes` are known by now. */
  renewed(leadership: Leadership, nodes: readonly NodeFacts[]): void;
  /** The same, in a term above those that are surely over. */
  of(leadership: Leadership): Leadership;
}

/** Of one time of leadership. `owner` is `namespace/name` of our DaemonSet, which records of ours name. */
export function createTerms(owner: string): Terms {
  let overTerm = 0;
  let listed = false;
  let seenTerm = 0;
  const of = (leadership: Leadership): Leadership => {
    if (leadership.kind !== "leading" || leadership.term >= overTerm) return leadership;
    return { ...leadership, term: overTerm + 1 };
  };
  return {
    of,
    listed: (nodes) => {
      if (!listed) overTerm = Math.max(overTerm, highestTerm(nodes, owner));
      listed = true;
    },
    renewed: (leadership, nodes) => {
      // A newer leader would have taken the Lease, and this renewal would have been refused: whoever wrote a higher
      // term that was seen before led by a Lease that was deleted. It learns so at its own next renewal, while we
      // would wait for it for ever.
      const ours = of(leadership);
      if (ours.kind === "leading" && seenTerm > ours.term) overTerm = seenTerm;
      seenTerm = highestTerm(nodes, owner);
    },
  };
}

/** The highest term in a record of ours; 0 where there is none. */
function highestTerm(nodes: readonly NodeFacts[], owner: string): number {
  let highest = 0;
  for (const { record } of nodes)
    if (record.kind === "record" && record.record.owner === owner) highest = Math.max(highest, record.record.term);
  return highest;
}
