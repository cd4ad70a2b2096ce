import type { NodeMarks, TaintChange } from "../action.ts";
import type { JsonObject } from "../json.ts";
import type { MarkPolicy, Policy } from "../policy/policy.ts";
import type { Now } from "../now.ts";
import { inProgressAnnotation, mostRecentAnnotation, type NodeFacts } from "./node.ts";
import type { LabelMark, MaintenanceRecord } from "./record.ts";

/** What a write of a record does to the node's marks, and the record with what it takes to undo it. */
export interface Marked {
  readonly record: MaintenanceRecord | undefined;
  readonly marks?: NodeMarks;
}

/**
 * The marks that go with the next state of a record, in the very write that brings it: labels and annotation are on
 * the node from the claim until it is given back, and the taint for waiting nodes ends with it (rule 5).
 */
export function withMarks(
  node: NodeFacts,
  { record, policy, now }: { record: MaintenanceRecord | undefined; policy: Policy; now: Now },
): Marked {
  const standing = standingOf(record, policy);
  const labelled = record && labels(node, { record, standing, policy: policy.marks });
  const annotations = annotationsFor(node, { standing, policy: policy.marks, now });
  const taint = standing === "over" ? taintFor(node, { wanted: false, name: policy.marks.taint }) : undefined;
  const marks = {
    ...(labelled?.change && { labels: labelled.change }),
    ...(annotations && { annotations }),
    ...(taint && { taint }),
  };
  return { record: labelled?.record ?? record, ...(Object.keys(marks).length > 0 && { marks }) };
}

/** Sets or removes the taint for waiting nodes; `undefined` where it is as wanted, or where the key is somebody's. */
export function taintFor(
  { taints }: NodeFacts,
  { wanted, name }: { wanted: boolean; name: string },
): TaintChange | undefined {
  if (name === "") return undefined;
  if (wanted) {
    if (taints.some(({ key }) => key === name)) return undefined;
    return { change: "added", all: [...taints, { key: name, effect }] };
  }
  const others = taints.filter((taint) => !isOurs(taint, name));
  return others.length < taints.length ? { change: "removed", all: others } : undefined;
}

/** A taint of the name that is ours to set, but which has a value or another effect: it is somebody's, and stays. */
export function foreignTaint({ taints }: NodeFacts, name: string): JsonObject | undefined {
  return name === "" ? undefined : taints.find((taint) => taint["key"] === name && !isOurs(taint, name));
}

/** Takes the annotation off a node of which nothing is in progress, as kured left it after a reboot by hand. */
export function staleAnnotation({ rebootInProgress }: NodeFacts, { annotateNodes }: MarkPolicy): NodeMarks {
  return annotateNodes && rebootInProgress !== undefined ? { annotations: { [inProgressAnnotation]: null } } : {};
}

const effect = "PreferNoSchedule";

/** Nobody writes this one but kured: the operator has given its key to it. So no record is needed to take it back. */
function isOurs(taint: JsonObject, name: string): boolean {
  return taint["key"] === name && taint["effect"] === effect && (taint["value"] ?? "") === "";
}

/** How far a maintenance is, for its marks. */
type Standing =
  /** Nothing is on the node yet, or what is there was there before. */
  | "before"
  | "inHand"
  /** Given back, though the record still stands for a failed reboot. */
  | "givenBack"
  | "over";

function standingOf(record: MaintenanceRecord | undefined, { failedReboot }: Policy): Standing {
  switch (record?.phase) {
    case undefined:
    case "closing":
      return "over";
    case "intended":
      return "before";
    case "claimed":
    case "draining":
    case "approved":
    case "rebooting":
    case "returning":
      return record?.failure && failedReboot === "giveBack" ? "givenBack" : "inHand";
  }
}

interface Labelled {
  readonly record: MaintenanceRecord;
  readonly change?: Readonly<Record<string, string | null>>;
}

/** The labels of before the reboot at the claim, those of after it when the node is given back, however that came. */
function labels(
  node: NodeFacts,
  { record, standing, policy }: { record: MaintenanceRecord; standing: Standing; policy: MarkPolicy },
): Labelled {
  const { labels: marks, ...unmarked } = record;
  if (standing === "inHand") {
    const wanted = policy.labelsBefore !== undefined || policy.labelsAfter !== undefined;
    if (!wanted || marks !== undefined || record.failure) return { record };
    return take(node, { record, before: policy.labelsBefore ?? {} });
  }
  if (standing === "before" || marks === undefined) return { record };
  const change = changing(node, { ...putBack(node, marks), ...policy.labelsAfter });
  return { record: unmarked, ...(change && { change }) };
}

function take(
  node: NodeFacts,
  { record, before }: { record: MaintenanceRecord; before: Readonly<Record<string, string>> },
): Labelled {
  const change = changing(node, before);
  const marks = Object.entries(change ?? {}).map(([key, set]) => ({ key, set: set ?? "", was: labelOf(node, key) }));
  return { record: { ...record, labels: marks }, ...(change && { change }) };
}

/** The labels that were there before ours, where nobody has changed them since; `null` is none. */
export function putBack(node: NodeFacts, marks: readonly LabelMark[]): Record<string, string | null> {
  const ours = marks.filter(({ key, set }) => labelOf(node, key) === set);
  return Object.fromEntries(ours.map(({ key, was }) => [key, was]));
}

/** Those of the wanted labels that the node does not have yet; `undefined` if there are none. */
function changing(
  node: NodeFacts,
  wanted: Readonly<Record<string, string | null>>,
): Record<string, string | null> | undefined {
  const change = Object.entries(wanted).filter(([key, value]) => labelOf(node, key) !== value);
  return change.length === 0 ? undefined : Object.fromEntries(change);
}

function labelOf({ labels: all }: NodeFacts, key: string): string | null {
  return Object.hasOwn(all, key) ? (all[key] ?? null) : null;
}

function annotationsFor(
  { rebootInProgress }: NodeFacts,
  { standing, policy, now }: { standing: Standing; policy: MarkPolicy; now: Now },
): NodeMarks["annotations"] {
  if (standing === "before") return undefined;
  // Whatever the flag says now: with the maintenance, what it says of itself is over.
  if (standing !== "inHand") return rebootInProgress === undefined ? undefined : { [inProgressAnnotation]: null };
  if (!policy.annotateNodes || rebootInProgress !== undefined) return undefined;
  // RFC 3339 in whole seconds, as Go writes it.
  const text = `${new Date(now.wallMs).toISOString().slice(0, 19)}Z`;
  return { [inProgressAnnotation]: text, [mostRecentAnnotation]: text };
}
