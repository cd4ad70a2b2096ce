import { actWhenFree } from "../attempt.ts";
import { advance } from "../fleet/advance.ts";
import { also, type NodeInHand, type Scene, type Step } from "../scene.ts";
import { stopsRollOut, type Reason } from "../verdict/reason.ts";
import { sentence } from "../verdict/sentence.ts";
import type { Milestone } from "./notice.ts";
import { dueIn, noticeKey, toldAtMs, untold } from "./reached.ts";

/** A step for a node in hand, with what there is to tell people besides; no step ever waits for it. */
export function telling(inHand: NodeInHand, { step, scene }: { step: Step; scene: Scene }): Step {
  if (!scene.policy.notices) return step;
  const notes = noteWhatIsTold(inHand, { step, scene });
  const detail = stopDetail(inHand, step.reasons[0]);
  const acts = untold({ ...inHand, view: scene.view }).map((milestone) =>
    actWhenFree(
      { kind: "notify", key: noticeKey(milestone, inHand), node: inHand.node.name, milestone, detail },
      { reason: step.reasons[0], scene },
    ),
  );
  return acts.reduce<Step>((all, one) => also(all, one), notes ? also(step, notes) : step);
}

/** Why the roll-out has stopped, as long as it is known. */
function stopDetail({ record }: NodeInHand, reason: Reason): string {
  if (stopsRollOut(reason)) return sentence(reason);
  return record.failure === undefined ? "" : sentence({ code: "Failed", detail: record.failure.reason });
}

/**
 * What has been told goes into the record with whatever is written next. It gets a write of its own where none comes
 * soon, and at once where the machine goes down, perhaps with us. An approval that stands is never written over: its
 * text is what the agent's commit tests.
 */
function noteWhatIsTold(inHand: NodeInHand, { step, scene }: { step: Step; scene: Scene }): Step | undefined {
  const { record } = inHand;
  const [reason] = step.reasons;
  const isWritten = step.actions?.some(({ kind }) => kind === "writeRecord") === true;
  if (isWritten || record.phase === "approved") return undefined;
  if (stopsRollOut(reason) && record.notices?.stopped === undefined)
    return advance(inHand, {
      step: "note",
      change: { notices: { ...record.notices, stopped: "due" } },
      reason,
      scene,
    });
  const told = dueIn(record.notices).flatMap((milestone: Milestone) => {
    const atMs = toldAtMs(milestone, { ...inHand, view: scene.view });
    return atMs === undefined ? [] : [atMs];
  });
  if (told.length === 0) return undefined;
  const restMs = record.phase === "rebooting" || record.phase === "returning" ? 0 : unwrittenMsMax;
  const noteAtMs = Math.min(...told) + restMs;
  if (noteAtMs > scene.now.monotonicMs) return { reasons: [reason], wakeAtMs: [noteAtMs] };
  return advance(inHand, { step: "note", change: {}, reason, scene });
}

/** A process that dies meanwhile lets the next one tell it again. */
const unwrittenMsMax = 30_000;
