import type { NodeFacts } from "../../core/fleet/node.ts";

/** Those of the names that no node has any more: what is kept by them is to be forgotten. */
export function namesGone(names: Iterable<string>, nodes: readonly NodeFacts[]): readonly string[] {
  const there = new Set(nodes.map(({ name }) => name));
  return Array.from(names).filter((name) => !there.has(name));
}
