import { decodeNode, type NodeFacts } from "../core/fleet/node.ts";
import { MalformedError, type Decode } from "./object.ts";

/** A Node as the core reads it. */
export const decodeNodeFacts: Decode<NodeFacts> = (json) => {
  const node = decodeNode(json);
  if (node === undefined) throw new MalformedError("", "a Node", json);
  return node;
};
