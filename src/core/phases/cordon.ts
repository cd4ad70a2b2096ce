import type { CordonOwner } from "../fleet/record.ts";
import type { NodeInHand } from "../scene.ts";

/** Whose the cordon is from now on: one that somebody took away is nobody's, and the next one is theirs (rule 5). */
export function keptCordon({ node, record }: NodeInHand): CordonOwner {
  return node.unschedulable ? record.cordon : "none";
}
