import type { CordonOwner, MaintenanceRecord, Outcome, RecordReading } from "../../core/fleet/record.ts";
import { entriesOf } from "../../core/lock/place.ts";
import type { DaemonSetSight, Sight } from "../surroundings.ts";
import { excerpt, printable } from "../text/printable.ts";
import type { Row } from "../text/rows.ts";
import { instant, lasting, span } from "../text/times.ts";

/** What a record is seen beside. */
export interface RecordScene {
  readonly node: string;
  readonly daemonSet: Sight<DaemonSetSight>;
  readonly nowMs: number;
}

/** How far the node's maintenance has come. */
export function recordRows(reading: RecordReading, scene: RecordScene): readonly Row[] {
  switch (reading.kind) {
    case "absent":
      return [["none", "this node is not in maintenance"]];
    case "unreadable":
      return [["unreadable", `${printable(reading.reason)}: ${excerpt(reading.text)}`]];
    case "record":
      return readable(reading.record, scene);
  }
}

function readable(record: MaintenanceRecord, scene: RecordScene): readonly Row[] {
  const { failure, outcome, rest, doubtSinceMs, drainedAtMs } = record;
  const { nowMs } = scene;
  return [
    ["phase", `${record.phase} ${lasting(record.phaseSinceMs, nowMs)}`],
    ["owner", printable(record.owner)],
    ["id", `${printable(record.id)}, term ${record.term}`],
    ["cordon", cordonTexts[record.cordon]],
    ["attempt", record.attempt === 0 ? "not approved yet" : `approved ${times(record.attempt)}`],
    ["lock entry", lockText(record, scene)],
    ["boot to end", printable(record.boot)],
    ...(drainedAtMs === undefined ? [] : [["drained", lasting(drainedAtMs, nowMs)] as const]),
    ...(doubtSinceMs === undefined ? [] : [["in doubt", `about the agent ${lasting(doubtSinceMs, nowMs)}`] as const]),
    ...(failure === undefined
      ? []
      : [["failure", `${printable(failure.reason)} (pod ${printable(failure.pod)})`] as const]),
    ...(outcome === undefined ? [] : [["outcome", outcomeTexts[outcome]] as const]),
    ...(rest === undefined
      ? []
      : [["rests", `until ${instant(rest.untilMs)}, because: ${printable(rest.because)}`] as const]),
  ];
}

const cordonTexts: Readonly<Record<CordonOwner, string>> = {
  none: "none of ours",
  ours: "ours",
  theirs: "somebody else's, so it stays",
};

const outcomeTexts: Readonly<Record<Outcome, string>> = {
  done: "rebooted, Ready, and nothing is required any more",
  stillRequired: "rebooted and Ready, but a reboot is still required",
  withdrawn: "given up before any reboot",
};

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

/** Whether the entry that the record names is in the lock now. */
function lockText({ lock }: MaintenanceRecord, { node, daemonSet, nowMs }: RecordScene): string {
  const written = printable(lock);
  if (daemonSet.kind !== "seen") return `of ${written}; the lock cannot be seen`;
  const entry = entriesOf(daemonSet.value.ledger).find(({ nodeId, created }) => nodeId === node && created === lock);
  if (entry === undefined) return `of ${written}, which is not in the lock`;
  return entry.createdMs === undefined
    ? `of ${written}, in the lock`
    : `of ${written}, in the lock for ${span(nowMs - entry.createdMs)}`;
}
