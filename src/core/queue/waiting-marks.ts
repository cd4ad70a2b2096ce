import type { Action, NodeMarks } from "../action.ts";
import { readiness } from "../attempt.ts";
import { recordKey } from "../fleet/advance.ts";
import { staleAnnotation, taintFor } from "../fleet/marks.ts";
import type { NodeFacts } from "../fleet/node.ts";
import { also, type Scene, type Step } from "../scene.ts";
import type { Steps } from "../steps.ts";
import type { VerdictCode } from "../verdict/reason.ts";

/** A node that waits for others has the taint (`--prefer-no-schedule-taint`). */
const waiting: ReadonlySet<VerdictCode> = new Set(["LockedBy", "BudgetFull", "Queued", "RollOutStopped"]);

/** And loses it where no reboot is to be expected. Of any other node we know too little to change anything. */
const notWaiting: ReadonlySet<VerdictCode> = new Set(["NotRequired", "OutsideWindow", "Paused", "Held"]);

/** So many at once: a fleet that begins to wait all at once must not flood the API server. */
const marksAtOnce = 10;

/** Brings the marks of nodes on which nothing else is written to what their state wants. */
export function addWaitingMarks(steps: Steps, scene: Scene): void {
  const { marks } = scene.policy;
  if ((marks.taint === "" && !marks.annotateNodes) || scene.view.leadership.kind === "following") return;
  let left = marksAtOnce;
  for (const [position, node] of scene.view.nodes.entries()) {
    const step = steps.at(position);
    if (step === undefined || (step.actions ?? []).length > 0) continue;
    const change = wanted(node, { step, scene });
    if (change === undefined) continue;
    left -= 1;
    if (left < 0) return;
    const ready = readiness(recordKey(node.name), { attempts: scene.view.attempts, now: scene.now });
    if (ready.kind === "free") steps.set(position, also(step, { actions: [marking(node, change)] }));
    if (ready.kind === "resting") steps.set(position, also(step, { wakeAtMs: [ready.untilMs] }));
  }
}

function wanted(node: NodeFacts, { step, scene }: { step: Step; scene: Scene }): NodeMarks | undefined {
  const { marks, owner } = scene.policy;
  const [{ code }] = step.reasons;
  const phase = node.record.kind === "record" && node.record.record.owner === owner && node.record.record.phase;
  const waits = waiting.has(code) && (node.record.kind === "absent" || phase === "intended");
  const isOver = phase === "closing" && code !== "NotLeading";
  const rests = isOver || (notWaiting.has(code) && node.record.kind === "absent");
  if (!waits && !rests) return undefined;
  const taint = taintFor(node, { wanted: waits, name: marks.taint });
  const change = { ...staleAnnotation(node, marks), ...(taint && { taint }) };
  return Object.keys(change).length > 0 ? change : undefined;
}

/** The record stays as it is: its write is the one way in which Nodes are changed. */
function marking({ name, resourceVersion, record: reading }: NodeFacts, marks: NodeMarks): Action {
  const record = reading.kind === "record" ? reading.record : undefined;
  return {
    kind: "writeRecord",
    key: recordKey(name),
    step: "mark",
    node: name,
    resourceVersion,
    record,
    was: record,
    marks,
  };
}
