import type { NodeFacts } from "../../core/fleet/node.ts";
import { isOlder } from "./version.ts";

/** The Nodes of the fleet as last seen, and how old that is. */
export interface KnownNodes {
  readonly all: () => readonly NodeFacts[];
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

/** No node is known yet. */
export function createKnownNodes(): KnownNodes {
  const nodes = new Map<string, NodeFacts>();
  const lookedAtMs = new Map<string, number>();
  let watchedAtMs = -Infinity;
  const drop = (name: string) => {
    lookedAtMs.delete(name);
    return nodes.delete(name);
  };
  return {
    all: () => [...nodes.values()],
    observedAtMs: () => Math.max(watchedAtMs, oldest(nodes.keys(), lookedAtMs)),
    replace: (listed) => {
      const names = new Set(listed.map(({ name }) => name));
      for (const name of nodes.keys()) if (!names.has(name)) drop(name);
      for (const node of listed) if (!isOlder(node, nodes.get(node.name))) nodes.set(node.name, node);
    },
    put: (node, observedAtMs) => {
      if (observedAtMs !== undefined) lookedAtMs.set(node.name, observedAtMs);
      if (isOlder(node, nodes.get(node.name))) return false;
      nodes.set(node.name, node);
      return true;
    },
    drop,
    watchedAt: (observedAtMs) => {
      watchedAtMs = Math.max(watchedAtMs, observedAtMs);
    },
  };
}

function oldest(names: Iterable<string>, lookedAtMs: ReadonlyMap<string, number>): number {
  let oldestMs = Infinity;
  for (const name of names) oldestMs = Math.min(oldestMs, lookedAtMs.get(name) ?? -Infinity);
  return oldestMs === Infinity ? -Infinity : oldestMs;
}
