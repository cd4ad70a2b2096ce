import { intendedPlace, intendedPlaces, slotsInUse } from "../budget/slots.ts";
import { slotsOf, type Slots } from "../budget/taken-place.ts";
import { feasibility, type Feasibility } from "../feasibility/feasible.ts";
import type { NodeFacts } from "../fleet/node.ts";
import { questionKey } from "../question.ts";
import { also, type Scene, type Step } from "../scene.ts";
import type { Steps } from "../steps.ts";
import { inOrder, lineNow, turnOf, type Turn } from "./candidates.ts";
import { intend } from "./first-record.ts";

/** A fleet that goes down by the hundred need not know about all of the next hundred beforehand. */
const lookAheadMax = 10;

/**
 * A change of the pods of so many nodes is seen at once, of further ones with the change of a budget, or after a while.
 */
const blockedFollowedMax = 10;

/**
 * Adds the steps of those (by their positions in the view) whom nothing refuses, oldest need first: those for which
 * there is a place are begun. Whether a drain could go well is found out for them, and for as many of those who wait as
 * may soon have their turn, so that nothing is left to find out then. Who cannot be drained keeps nobody else from the
 * place.
 */
export function standInLine(
  ready: readonly number[],
  { steps, scene }: { readonly steps: Steps; readonly scene: Scene },
): void {
  const { concurrency, drainFeasibility } = scene.policy;
  let slots = slotsNow(scene);
  const line = lineNow(slots.limit, scene);
  let lookAhead = Math.min(concurrency, lookAheadMax) + 1;
  let ahead = 0;
  let blockedBefore = 0;
  for (const { node, position } of inOrder(ready, scene)) {
    const turn = turnOf(node, { line, ahead, slots, scene });
    const looks = turn.kind === "waits" ? lookAhead > 0 : turn.kind !== "refused";
    const feasible = looks && drainFeasibility !== "off" ? feasibility(node, scene) : undefined;
    const blocked = feasible?.reason?.blocks === true;
    const step = stepOf(node, { turn, feasible, scene });
    steps.set(position, blocked && blockedBefore >= blockedFollowedMax ? seldom(step, { node, scene }) : step);
    if (blocked) {
      blockedBefore += 1;
      continue;
    }
    ahead += 1;
    if (turn.kind === "waits") lookAhead -= 1;
    if (turn.kind === "now" || turn.kind === "soon")
      slots = slotsOf(slots.limit, [...slots.taken, intendedPlace(node)]);
  }
}

function slotsNow(scene: Scene): Slots {
  const inUse = slotsInUse(scene);
  const intended = intendedPlaces(scene).filter(({ node }) => !inUse.nodes.has(node));
  return intended.length === 0 ? inUse : slotsOf(inUse.limit, [...inUse.taken, ...intended]);
}

function stepOf(
  node: NodeFacts,
  { turn, feasible, scene }: { turn: Turn; feasible: Feasibility | undefined; scene: Scene },
): Step {
  if (feasible === undefined) return begun(node, { turn, scene });
  const { unknown, reason, questions } = feasible;
  if (reason?.blocks === true) {
    const wait: Step = turn.kind === "waits" ? turn.step : { reasons: [reason] };
    const others = turn.kind === "waits" ? turn.step.reasons : [];
    return also({ ...wait, reasons: [reason, ...others] }, { questions });
  }
  const step: Step =
    unknown && turn.kind === "now" ? { reasons: [{ code: "Claiming" }] } : begun(node, { turn, scene });
  const [first, ...more] = step.reasons;
  return also({ ...step, reasons: [first, ...more, ...(reason ? [reason] : [])] }, { questions });
}

function begun(node: NodeFacts, { turn, scene }: { turn: Turn; scene: Scene }): Step {
  return turn.kind === "now" ? intend(node, scene) : turn.step;
}

/** Does not follow the node's pods, but lists them again when what is known of them is old. */
function seldom(step: Step, { node, scene }: { node: NodeFacts; scene: Scene }): Step {
  const { view, policy, now } = scene;
  const seen = view.answers.get(questionKey({ kind: "pods", node: node.name, freshForMs: 0 }));
  const dueMs = (seen?.observedAtMs ?? -Infinity) + policy.freshness.restingMs;
  if (dueMs <= now.monotonicMs) return step;
  const questions = (step.questions ?? []).filter(({ kind }) => kind !== "pods");
  return { ...step, questions, wakeAtMs: [...(step.wakeAtMs ?? []), dueMs] };
}
