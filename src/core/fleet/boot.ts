import { compareBoots, parseBoot } from "../boot/identity.ts";
import type { NodeInHand } from "../scene.ts";
import type { NodeFacts } from "./node.ts";

/**
 * Whether the machine has booted since the record was begun: by its agent's word, or by the kubelet's, whose
 * `nodeInfo.bootID` is a second witness. A restarted pod proves nothing (bug B3 of Go kured).
 */
export function bootChanged({ node, record }: NodeInHand): boolean {
  if (agentSawNewBoot({ node, record })) return true;
  return record.kubeletBoot !== "" && node.kubeletBoot !== "" && node.kubeletBoot !== record.kubeletBoot;
}

/** Whether an agent has reported from a later boot than the record's. */
export function agentSawNewBoot({ node, record }: NodeInHand): boolean {
  return node.report.kind === "report" && compareBoots(record.boot, node.report.report.boot) === "changed";
}

/**
 * The kubelet's word about the current boot, kept only where it agrees with the agent's: a stale one would lie later.
 */
export function kubeletWitness(node: NodeFacts): string {
  if (node.report.kind !== "report") return "";
  return parseBoot(node.report.report.boot).kernelBootId === node.kubeletBoot ? node.kubeletBoot : "";
}

/**
 * Whether a later boot could be told from the record's: not if its agent now knows PID 1 and did not then, or reverse.
 */
export function bootComparable({ node, record }: NodeInHand): boolean {
  return node.report.kind !== "report" || compareBoots(record.boot, node.report.report.boot) !== "unknown";
}
