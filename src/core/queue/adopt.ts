import { begin } from "../fleet/advance.ts";
import { kubeletWitness } from "../fleet/boot.ts";
import type { NodeFacts } from "../fleet/node.ts";
import type { MaintenanceRecord } from "../fleet/record.ts";
import { formatBoot } from "../boot/identity.ts";
import type { LedgerEntry } from "../lock/entry.ts";
import { agentStanding } from "../fleet/agent.ts";
import { entriesOf } from "../lock/place.ts";
import type { Scene, Step } from "../scene.ts";

/**
 * A lock entry of this node without a record: Go kured was replaced in mid-work, or somebody removed the record. It
 * becomes ours, with the cordon that goes with it: finished if the machine has booted since, else resumed. Only a
 * live agent of ours on that node proves that no other kured is behind the entry.
 */
export function adoption(node: NodeFacts, scene: Scene): Step | undefined {
  const { ledger } = scene.view;
  if (ledger.kind === "unseen" || node.report.kind !== "report") return undefined;
  const entry = entriesOf(ledger.ledger).find(({ nodeId }) => nodeId === node.name);
  if (entry === undefined) return undefined;
  const agent = agentStanding(node, { scene, freshForMs: scene.policy.freshness.restingMs });
  if (agent.kind === "ask") return { reasons: [agent.reason], questions: [agent.question] };
  if (agent.kind === "missing") return undefined;
  const reason = { code: "Closing", detail: "its lock entry was found without a record and is taken over" } as const;
  return begin(node, { step: "adopt", record: adopted(node, { entry, scene }), reason, scene });
}

function adopted(node: NodeFacts, { entry, scene }: { entry: LedgerEntry; scene: Scene }): MaintenanceRecord {
  const report = node.report.kind === "report" ? node.report.report : undefined;
  const bootedSince =
    report?.bootedAtMs !== undefined && entry.createdMs !== undefined && report.bootedAtMs > entry.createdMs;
  return {
    owner: scene.policy.owner,
    id: recordId(node, scene),
    term: termOf(scene),
    phase: bootedSince ? "returning" : "claimed",
    phaseSinceMs: scene.now.wallMs,
    // The boot that was to end is not known any more, only that it has ended.
    boot: bootedSince ? formatBoot({ kernelBootId: "before-adoption" }) : (report?.boot ?? ""),
    kubeletBoot: bootedSince ? "" : kubeletWitness(node),
    machine: node.uid,
    lock: entry.created,
    cordon: entry.unschedulable ? "theirs" : node.unschedulable ? "ours" : "none",
    attempt: 0,
  };
}

/** Unique among the records of one machine, because it holds one at a time. */
export function recordId(node: NodeFacts, { now }: Scene): string {
  return `${node.uid.slice(0, 8)}-${now.wallMs.toString(36)}`;
}

/** The term that a new record carries. */
export function termOf({ view }: Scene): number {
  return view.leadership.kind === "leading" ? view.leadership.term : 0;
}
