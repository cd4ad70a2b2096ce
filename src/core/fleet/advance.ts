import type { Action, RecordStep } from "../action.ts";
import { actWhenFree } from "../attempt.ts";
import { withNotices } from "../notices/reached.ts";
import type { NodeInHand, Scene, Step } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import { withMarks } from "./marks.ts";
import type { NodeFacts } from "./node.ts";
import type { MaintenanceRecord } from "./record.ts";

/** What changes with a step: fields of the record, and the node's schedulability in the same write. */
export interface Change extends Partial<MaintenanceRecord> {
  readonly unschedulable?: boolean;
}

/**
 * Writes the record's next state. With another phase its time begins anew and a doubt ends, which else has a step of
 * its own.
 */
export function advance(
  { node, record }: NodeInHand,
  { step, change, reason, scene }: { step: RecordStep; change: Change; reason: Reason; scene: Scene },
): Step {
  const { unschedulable, ...fields } = change;
  const stays = fields.phase === undefined || fields.phase === record.phase;
  const { doubtSinceMs: _ends, ...undoubted } = record;
  const before = stays && step !== "doubt" ? record : undoubted;
  const phaseSinceMs = fields.phaseSinceMs ?? (stays ? record.phaseSinceMs : scene.now.wallMs);
  const next = { ...before, ...fields, phaseSinceMs };
  const { view, policy } = scene;
  const noted = withNotices(next, { node, step, uncordons: unschedulable === false, view, policy });
  const action: Action = {
    ...writing(node, step),
    ...withMarks(node, { record: noted, ...scene }),
    was: record,
    ...(unschedulable !== undefined && { unschedulable }),
  };
  return actWhenFree(action, { reason, scene });
}

/** Writes a first record on a node that has none. */
export function begin(
  node: NodeFacts,
  {
    step,
    record,
    reason,
    scene,
  }: { step: "intend" | "adopt"; record: MaintenanceRecord; reason: Reason; scene: Scene },
): Step {
  return actWhenFree(
    { ...writing(node, step), ...withMarks(node, { record, ...scene }), was: undefined },
    { reason, scene },
  );
}

/** Removes the record: the maintenance is over. */
export function forget({ node, record }: NodeInHand, { reason, scene }: { reason: Reason; scene: Scene }): Step {
  const marked = withMarks(node, { record: undefined, ...scene });
  return actWhenFree({ ...writing(node, "forget"), ...marked, was: record }, { reason, scene });
}

/** The key under which all writes of a node's record are tried. */
export function recordKey(node: string): string {
  return `record/${node}`;
}

function writing(node: NodeFacts, step: RecordStep) {
  return {
    kind: "writeRecord",
    key: recordKey(node.name),
    step,
    node: node.name,
    resourceVersion: node.resourceVersion,
  } as const;
}
