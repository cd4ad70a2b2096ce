import { podTitle, type PodFacts } from "../drain/pod.ts";
import type { NodeFacts } from "../fleet/node.ts";
import { textField, type JsonObject } from "../json.ts";
import { matchesTerms } from "./node-terms.ts";
import type { NodeTerm, Placement, Toleration } from "./placement.ts";

/** Where else than on its node a pod could run. */
export interface Elsewhere {
  /** The node that the pod is to leave, and all that there are. */
  readonly from: string;
  readonly nodes: readonly NodeFacts[];
  /** Whether a node that is not in service now is expected back by itself, because we are at work on it. */
  readonly comesBack: (node: NodeFacts) => boolean;
  /** For each of its volumes that is bound to some nodes: which. */
  readonly volumes: readonly (readonly NodeTerm[])[];
  /** What was found for pods of the same wishes, which are many: a fleet of thousands is gone through once for them. */
  readonly known: Map<string, string | undefined>;
}

/**
 * Why no other node could take the pod, as a sentence; `undefined` if one could, or where
 * there is no other. An upper bound: what runs there already, and what the pod wants to be near or far from, is not
 * looked at, so that a pod may find no place all the same.
 */
export function nowhereElse(pod: PodFacts, elsewhere: Elsewhere): string | undefined {
  const { tolerations, requests, nodeSelector, affinity } = pod.placement ?? {};
  const wishes = JSON.stringify([nodeSelector, affinity, tolerations, requests, elsewhere.volumes]);
  const { known } = elsewhere;
  if (!known.has(wishes)) known.set(wishes, obstacles(pod.placement ?? {}, elsewhere));
  const clauses = known.get(wishes);
  return clauses === undefined ? undefined : `Pod ${podTitle(pod)} could run on no other node: ${clauses}.`;
}

function obstacles(placement: Placement, elsewhere: Elsewhere): string | undefined {
  const counts = new Map<Obstacle, number>();
  for (const node of elsewhere.nodes) {
    if (node.name === elsewhere.from) continue;
    const obstacle = obstacleOn(node, { placement, elsewhere });
    if (obstacle === undefined) return undefined;
    counts.set(obstacle, (counts.get(obstacle) ?? 0) + 1);
  }
  if (counts.size === 0) return undefined;
  return Array.from(counts, ([obstacle, count]) => `${count} ${words[obstacle][count === 1 ? 0 : 1]}`).join(", ");
}

type Obstacle = "unavailable" | "unmatched" | "tainted" | "volume" | "small";

/** Of one node, and of several. */
const words: Readonly<Record<Obstacle, readonly [string, string]>> = {
  unmatched: ["does not match its node selector or affinity", "do not match its node selector or affinity"],
  volume: ["is out of reach of its volume", "are out of reach of its volumes"],
  tainted: ["has a taint that it does not tolerate", "have taints that it does not tolerate"],
  small: ["is too small for it", "are too small for it"],
  unavailable: ["is cordoned or not Ready", "are cordoned or not Ready"],
};

/** What would last longest comes first. */
function obstacleOn(
  node: NodeFacts,
  { placement, elsewhere }: { readonly placement: Placement; readonly elsewhere: Elsewhere },
): Obstacle | undefined {
  if (!isSelected(node, placement)) return "unmatched";
  if (!elsewhere.volumes.every((terms) => matchesTerms(terms, node))) return "volume";
  if (node.taints.some((taint) => repels(taint, placement.tolerations ?? []))) return "tainted";
  if (isTooSmall(node, placement)) return "small";
  const inService = node.ready && !node.unschedulable;
  return inService || elsewhere.comesBack(node) ? undefined : "unavailable";
}

function isSelected(node: NodeFacts, { nodeSelector = {}, affinity }: Placement): boolean {
  for (const key in nodeSelector) if (node.labels[key] !== nodeSelector[key]) return false;
  return affinity === undefined || matchesTerms(affinity, node);
}

/** Kubernetes' own taints say what is known from the node's conditions and its cordon. */
function repels(taint: JsonObject, tolerations: readonly Toleration[]): boolean {
  const [key = "", effect = "", value = ""] = ["key", "effect", "value"].map((name) => textField(taint, name));
  if (effect !== "NoSchedule" && effect !== "NoExecute") return false;
  if (key.startsWith("node.kubernetes.io/")) return false;
  return !tolerations.some(
    (one) =>
      (one.effect === "" || one.effect === effect) &&
      (one.key === "" ? one.exists : one.key === key && (one.exists || one.value === value)),
  );
}

/** Even when it is empty. Of a node that says nothing of its size nothing is claimed. */
function isTooSmall({ allocatable }: NodeFacts, { requests = {} }: Placement): boolean {
  if (allocatable === undefined) return false;
  for (const resource in requests)
    if ((requests[resource] ?? 0) > (allocatable[resource] ?? 0) * roundingErrors) return true;
  return false;
}

/** Thousandths of a processor do not add up to what they are. */
const roundingErrors = 1 + 1e-9;
