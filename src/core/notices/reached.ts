import type { RecordStep } from "../action.ts";
import type { NodeFacts } from "../fleet/node.ts";
import type { MaintenanceRecord } from "../fleet/record.ts";
import type { View } from "../fleet/view.ts";
import type { Policy } from "../policy/policy.ts";
import { milestones, orderedNotices, type Milestone, type Notices } from "./notice.ts";

/** One write of a record, as it is decided on. */
export interface Writing {
  readonly node: NodeFacts;
  readonly step: RecordStep;
  /** Our cordon comes off in the same write. */
  readonly uncordons: boolean;
  readonly view: View;
  readonly policy: Policy;
}

/**
 * The next state of a record with what it brings for people: what the write itself makes due, each once for a
 * maintenance, and what this process has told meanwhile. Where nobody asked to be told, nothing changes.
 */
export function withNotices(record: MaintenanceRecord, writing: Writing): MaintenanceRecord {
  if (!writing.policy.notices) return record;
  const { notices: before = {}, ...others } = record;
  const reached = reachedBy(record, writing);
  const after = orderedNotices((milestone) => {
    const state = before[milestone] ?? (milestone === reached ? "due" : undefined);
    return state === "due" && toldAtMs(milestone, { ...writing, record }) !== undefined ? "told" : state;
  });
  return Object.keys(after).length > 0 ? { ...others, notices: after } : record;
}

function reachedBy({ outcome }: MaintenanceRecord, { step, uncordons }: Writing): Milestone | undefined {
  if (step === "cordon") return "drain";
  if (step === "fail") return "stopped";
  const booted = outcome === "done" || outcome === "stillRequired";
  return step === "close" && booted && uncordons ? "uncordon" : undefined;
}

interface Told {
  readonly node: NodeFacts;
  readonly record: MaintenanceRecord;
  readonly view: View;
}

/** When this process has told a milestone of this maintenance (monotonic); `undefined` if it has not. */
export function toldAtMs(milestone: Milestone, { node, record, view }: Told): number | undefined {
  const last = view.attempts.get(noticeKey(milestone, { node, record }))?.last;
  return last?.outcome.kind === "done" ? last.endedAtMs : undefined;
}

/** What has still to be told of a maintenance, in order; a record alone does not say what was told a moment ago. */
export function untold(told: Told): readonly Milestone[] {
  return dueIn(told.record.notices).filter((milestone) => toldAtMs(milestone, told) === undefined);
}

/** What a record says is still to be told. */
export function dueIn(notices: Notices = {}): readonly Milestone[] {
  return milestones.filter((milestone) => notices[milestone] === "due");
}

/** Names one notice among all of the fleet and of all times. */
export function noticeKey(
  milestone: Milestone,
  { node, record }: { readonly node: NodeFacts; readonly record: MaintenanceRecord },
): string {
  return `notify/${node.name}/${record.id}/${milestone}`;
}
