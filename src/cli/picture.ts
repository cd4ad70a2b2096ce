import type { NodeFacts } from "../core/fleet/node.ts";
import { stateOf } from "./state.ts";
import type { NodeState } from "./state.ts";
import type { Surroundings } from "./surroundings.ts";
import { urgencyOf } from "./urgency.ts";
import type { Urgency } from "./urgency.ts";

/** One node as a command shows it. */
export interface NodePicture {
  readonly node: NodeFacts;
  readonly state: NodeState;
  readonly urgency: Urgency;
}

/** What it is shown beside. */
export interface Moment {
  readonly surroundings: Surroundings;
  /** Wall time of this machine. */
  readonly nowMs: number;
}

/** Makes one. */
export function pictureOf(node: NodeFacts): NodePicture {
  const state = stateOf(node);
  return { node, state, urgency: urgencyOf(state.code) };
}
