import type { NodeFacts } from "../../core/fleet/node.ts";
import { isOlder } from "./version.ts";

/** The Nodes of the fleet as last seen, and how old that is. */
export interface KnownNodes {
  readonly all: () => readonly NodeFacts[];
  readonly count: () => number;
  /** When the oldest of them was last known to be current; never, while there is none or one was never looked at. */
  readonly observedAtMs: () => number;
  /** All of them, as listed. */
  readonly replace: (listed: readonly NodeFacts[]) => void;
  /** Whether this is news; `observedAtMs` is when the request was sent, where there was one. */
  readonly put: (node: NodeFacts, observedAtMs: number | undefined) => boolean;
  readonly drop: (name: string) => boolean;
  /** A watch has proven that all of them are current. */
  readonly watchedAt: (observedAtMs: number) => void;
}

/** The answer to a write comes within half a minute: so many Nodes do not go in that time. */
const goneMax = 1_000;

/** No node is known yet. */
export function createKnownNodes(): KnownNodes {
  const nodes = new Map<string, NodeFacts>();
  const lookedAtMs = new Map<string, number>();
  // An answer to our own write may come after the word that the Node is gone; it must not bring it back.
  const goneUids = new Set<string>();
  let watchedAtMs = -Infinity;
  // Worked out when they are wanted: a view is made for every answer, and there may be thousands of nodes.
  let all: readonly NodeFacts[] | undefined;
  let lookedAtTheOldestMs: number | undefined;
  const changed = () => {
    all = undefined;
    lookedAtTheOldestMs = undefined;
  };
  const drop = (name: string) => {
    const known = nodes.get(name);
    if (known) goneUids.add(known.uid);
    for (const uid of goneUids) {
      if (goneUids.size <= goneMax) break;
      goneUids.delete(uid);
    }
    lookedAtMs.delete(name);
    changed();
    return nodes.delete(name);
  };
  return {
    all: () => (all ??= [...nodes.values()]),
    count: () => nodes.size,
    observedAtMs: () => Math.max(watchedAtMs, (lookedAtTheOldestMs ??= oldest(nodes.keys(), lookedAtMs))),
    replace: (listed) => {
      goneUids.clear();
      const names = new Set(listed.map(({ name }) => name));
      for (const name of nodes.keys()) if (!names.has(name)) drop(name);
      for (const node of listed) if (!isOlder(node, nodes.get(node.name))) nodes.set(node.name, node);
      changed();
    },
    put: (node, observedAtMs) => {
      if (goneUids.has(node.uid)) return false;
      if (observedAtMs !== undefined) lookedAtMs.set(node.name, observedAtMs);
      changed();
      const known = nodes.get(node.name);
      if (isOlder(node, known)) return false;
      nodes.set(node.name, node);
      // Kubelets touch their Nodes all the time: only what a decision can depend on is news.
      return known === undefined || !saysTheSame(node, known);
    },
    drop,
    watchedAt: (observedAtMs) => {
      watchedAtMs = Math.max(watchedAtMs, observedAtMs);
    },
  };
}

function saysTheSame(one: NodeFacts, other: NodeFacts): boolean {
  return JSON.stringify({ ...one, resourceVersion: "" }) === JSON.stringify({ ...other, resourceVersion: "" });
}

function oldest(names: Iterable<string>, lookedAtMs: ReadonlyMap<string, number>): number {
  let oldestMs = Infinity;
  for (const name of names) oldestMs = Math.min(oldestMs, lookedAtMs.get(name) ?? -Infinity);
  return oldestMs === Infinity ? -Infinity : oldestMs;
}
