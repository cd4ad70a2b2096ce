import { decodeNode } from "../core/fleet/node.ts";
import type { NodeFacts } from "../core/fleet/node.ts";
import { MalformedError } from "../kube/object.ts";
import type { Decode } from "../kube/object.ts";

/** A Node as the core reads it. */
export const decodeNodeFacts: Decode<NodeFacts> = (json) => {
  const node = decodeNode(json);
  if (node === undefined) throw new MalformedError("", "a Node", json);
  return node;
};
