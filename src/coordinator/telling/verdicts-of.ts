import type { NodeFacts } from "../../core/fleet/node.ts";
import type { Verdict } from "../../core/verdict/reason.ts";

/** Each verdict with its node, which `decide` gives in the same order; one whose node is not there is left out. */
export function* verdictsOf(
  nodes: readonly NodeFacts[],
  verdicts: readonly Verdict[],
): Generator<{ readonly node: NodeFacts; readonly verdict: Verdict }, void, undefined> {
  for (const [position, verdict] of verdicts.entries()) {
    const [there, name] = [nodes[position], verdict.node];
    const node = there?.name === name ? there : nodes.find((one) => one.name === name);
    if (node) yield { node, verdict };
  }
}
