import { decide, type Decision } from "../decide.ts";
import type { NodeFacts } from "../fleet/node.ts";
import type { MaintenanceRecord } from "../fleet/record.ts";
import type { Attempt, View } from "../fleet/view.ts";
import type { Milestone, Notices } from "../notices/notice.ts";
import type { Policy } from "../policy/policy.ts";
import { entryText, later, ledger, node, now, policy, record, recordReading, view } from "./builders.ts";

/** A node that is being drained. */
export const cordoned = { unschedulable: true };
/** A record of ours while the node is drained. */
export const drains = { phase: "draining", cordon: "ours" } as const;
/** A record of ours while the agent may reboot. */
export const approved = { phase: "approved", cordon: "ours", attempt: 1, nonce: "nonce-1" } as const;
/** A record of ours while the machine reboots. */
export const reboots = { ...approved, phase: "rebooting" } as const;
/** The record of one node, and what is known besides. */
export interface NoticeScene {
  readonly record: Partial<MaintenanceRecord>;
  readonly facts?: Partial<NodeFacts>;
  readonly view?: Partial<View>;
  readonly policy?: Partial<Policy>;
  readonly laterMs?: number;
}

/** What is decided about that node, where there is somebody to notify. */
export function run({ record: fields, facts, view: known, policy: wanted, laterMs = 0 }: NoticeScene): Decision {
  const inHand = node({ record: recordReading(fields), ...facts });
  const full = view({ nodes: [inHand], ledger: ledger(entryText()), ...known });
  return decide(full, policy({ notices: true, ...wanted }), later(laterMs));
}

/** This process has told these just now. */
export function told(...milestones: readonly Milestone[]): Pick<View, "attempts"> {
  const done: Attempt = { failures: 0, jitter: 0, last: { outcome: { kind: "done" }, endedAtMs: now.monotonicMs } };
  return { attempts: new Map(milestones.map((milestone) => [`notify/n1/${record().id}/${milestone}`, done])) };
}

/** What is to be told. */
export function notified({ actions }: Decision): readonly string[] {
  return actions.flatMap((action) => (action.kind === "notify" ? [action.milestone] : []));
}

/** The write of the record, and what it says of notices; `undefined` where there is none. */
export function written({
  actions,
}: Decision): { readonly step: string; readonly notices: Notices | undefined } | undefined {
  const [action] = actions.filter(({ kind }) => kind === "writeRecord");
  return action?.kind === "writeRecord" ? { step: action.step, notices: action.record?.notices } : undefined;
}
