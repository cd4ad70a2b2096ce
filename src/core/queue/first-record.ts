import { formatBoot } from "../boot/identity.ts";
import { agentStanding } from "../fleet/agent.ts";
import { begin } from "../fleet/advance.ts";
import { kubeletWitness } from "../fleet/boot.ts";
import type { NodeFacts } from "../fleet/node.ts";
import type { MaintenanceRecord } from "../fleet/record.ts";
import type { LedgerEntry } from "../lock/entry.ts";
import { entriesOfNode } from "../lock/place.ts";
import { formatCreated } from "../lock/created.ts";
import type { Scene, Step } from "../scene.ts";
import { goingDown } from "./candidates.ts";

/** The first record of a node whose turn it is. */
export function intend(node: NodeFacts, scene: Scene): Step {
  const record: MaintenanceRecord = {
    ...newRecord(node, scene),
    phase: "intended",
    lock: formatCreated(scene.now.wallMs),
  };
  return begin(node, { step: "intend", record, reason: { code: "Claiming" }, scene });
}

/**
 * A lock entry of this node without a record: Go kured was replaced in mid-work, or somebody removed the record. It
 * becomes ours, with the cordon that goes with it, and its phase follows from what is found: a machine that has booted
 * since returns, another is drained on. Only a live agent of ours proves that no other kured is behind the entry.
 */
export function adoption(node: NodeFacts, scene: Scene): Step | undefined {
  const { ledger } = scene.view;
  if (ledger.kind === "unseen" || node.report.kind !== "report") return undefined;
  const entry = entriesOfNode(node.name, { ledger, scene })[0];
  if (entry === undefined) return undefined;
  const { waitingMs, restingMs } = scene.policy.freshness;
  const open = goingDown(node);
  if (open) return { reasons: [open.reason], questions: [{ kind: "nodes", freshForMs: waitingMs }] };
  const agent = agentStanding(node, { scene, freshForMs: restingMs });
  if (agent.kind !== "alive") return { reasons: [agent.reason], questions: [agent.question] };
  const record = adopted(node, { entry, scene });
  return begin(node, { step: "adopt", record, reason: { code: "Claiming", adopts: true }, scene });
}

function adopted(node: NodeFacts, { entry, scene }: { entry: LedgerEntry; scene: Scene }): MaintenanceRecord {
  return {
    ...newRecord(node, scene),
    phase: "claimed",
    // The boot that was to end is not known any more, only that it has ended.
    ...(bootedSince(node, entry) && { boot: formatBoot({ kernelBootId: "before-adoption" }), kubeletBoot: "" }),
    lock: entry.created,
    cordon: entry.unschedulable ? "theirs" : node.unschedulable ? "ours" : "none",
  };
}

function bootedSince({ report }: NodeFacts, { createdMs }: LedgerEntry): boolean {
  if (report.kind !== "report" || report.report.bootedAtMs === undefined || createdMs === undefined) return false;
  return report.report.bootedAtMs > createdMs;
}

function newRecord(node: NodeFacts, { view, policy, now }: Scene): Omit<MaintenanceRecord, "phase" | "lock"> {
  return {
    owner: policy.owner,
    // Unique among the records of one machine, because it holds one at a time.
    id: `${node.uid.slice(0, 8)}-${now.wallMs.toString(36)}`,
    term: view.leadership.kind === "leading" ? view.leadership.term : 0,
    phaseSinceMs: now.wallMs,
    boot: node.report.kind === "report" ? node.report.report.boot : "",
    kubeletBoot: kubeletWitness(node),
    machine: node.uid,
    cordon: "none",
    attempt: 0,
  };
}
