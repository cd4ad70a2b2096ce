import { slotRefusal } from "../budget/slots.ts";
import type { Slots } from "../budget/taken-place.ts";
import { agentStanding } from "../fleet/agent.ts";
import type { NodeFacts } from "../fleet/node.ts";
import { mayGoDown } from "../fleet/report.ts";
import { holders } from "../lock/place.ts";
import { ledgerFresh, lockRefusal, lockUnknown, lookAtLedger, neverBack, placeWait } from "../lock/waiting.ts";
import { gatesNow } from "../policy/gates.ts";
import { needRefusal, requestRefusals, windowRefusal, type Refusal } from "../policy/refusals.ts";
import type { Question } from "../question.ts";
import { once, type Scene, type SceneMemo, type Step } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";

/** Why a node without a record may not have its turn, apart from the others: all reasons, the decisive one first. */
export function candidateRefusal(node: NodeFacts, scene: Scene): Step | undefined {
  const unneeded = needRefusal(node) ?? goingDown(node);
  if (unneeded) return { reasons: [ofOurselves(unneeded, scene)] };
  if (node.pause !== undefined || node.hold !== undefined) return unwanted(node, scene);
  // Thousands wait for the very same: the end of the fleet's pause, or the window.
  return (scene.memo?.unwanted ?? unwantedByAll(node, scene)).step;
}

function unwantedByAll(node: NodeFacts, scene: Scene): NonNullable<SceneMemo["unwanted"]> {
  return once(scene, "unwanted", () => ({ step: unwanted(node, scene) }));
}

/** What people want of this node, of the fleet, and of the time. */
function unwanted(node: NodeFacts, scene: Scene): Step | undefined {
  const requests = requestRefusals(node, scene);
  const window = windowRefusal(scene);
  const step = refused([...requests, ...(window ? [window] : [])]);
  return step && requests.length > 0
    ? { ...step, questions: once(scene, "seldomLooks", () => seldomLooks(scene)) }
    : step;
}

/** Who decides for its own node is the agent that has not reported yet, and is about to. */
function ofOurselves({ reason }: Refusal, { policy }: Scene): Reason {
  return reason.code === "AgentMissing" && policy.agentProof === "self" ? { ...reason, looking: true } : reason;
}

/** Somebody removed the record of a reboot that was commanded: only its outcome tells what to do with the node. */
export function goingDown({ report }: NodeFacts): Refusal | undefined {
  if (report.kind !== "report" || !mayGoDown(report.report.commanded, report.report.boot)) return undefined;
  const detail = "a reboot that nobody has a record of was commanded, and its outcome is awaited";
  return { reason: { code: "CannotReboot", detail } };
}

/** What people asked for ends when they take it back, which somebody who polls must look for. */
function seldomLooks({ policy: { freshness } }: Scene): readonly Question[] {
  return [
    { kind: "nodes", freshForMs: freshness.waitingMs },
    { kind: "ledger", freshForMs: freshness.waitingMs },
  ];
}

/**
 * Those whom nothing refuses, oldest need first; names decide between equals, so that every decision sees one order.
 * The node on which this coordinator runs goes last: its reboot is also the coordinator's (rule 9).
 */
export function inOrder(ready: readonly number[], { view, policy: { self } }: Scene): readonly Placed[] {
  const placed: Placed[] = [];
  for (const position of ready) {
    const node = view.nodes[position];
    if (node) placed.push({ node, position, last: node.name === self?.node, sinceMs: needSinceMs(node) });
  }
  return placed.sort(
    (one, other) =>
      Number(one.last) - Number(other.last) ||
      one.sinceMs - other.sinceMs ||
      (one.node.name < other.node.name ? -1 : 1),
  );
}

/** A node with its position in the view, and what its place in the line depends on. */
interface Placed {
  readonly node: NodeFacts;
  readonly position: number;
  readonly last: boolean;
  readonly sinceMs: number;
}

/** What the turn of one node comes to. */
export type Turn =
  | { readonly kind: "now" }
  /** Its turn, though something must be found out first: nobody else is given its place meanwhile. */
  | { readonly kind: "soon"; readonly step: Step }
  /** Others have the places. */
  | { readonly kind: "waits"; readonly step: Step }
  | { readonly kind: "refused"; readonly step: Step };

/** What the lock itself means for all who stand in line, whichever their place in it. */
export type Line =
  /** It has not been read, so that nobody has a turn. */
  | { readonly kind: "unknown"; readonly step: Step }
  /** Why nobody may begin, if nobody may, and what those who wait look for. */
  | {
      readonly kind: "seen";
      readonly reasons: readonly Reason[];
      readonly wait: Required<Pick<Step, "questions" | "wakeAtMs">>;
      readonly fresh: boolean;
    };

/** The same for thousands, so that it is worked out once for each decision. */
export function lineNow(limit: number, scene: Scene): Line {
  const { ledger } = scene.view;
  if (ledger.kind === "unseen") return { kind: "unknown", step: lookAtLedger(lockUnknown(ledger), scene) };
  const inLedger = holders(ledger, scene);
  const locked = lockRefusal(inLedger, { ledger, limit, scene });
  const stoppers = scene.stopped.length > 0 || locked === undefined ? scene.stopped : neverBack(inLedger, scene);
  const reasons: Reason[] = [];
  if (stoppers.length > 0) reasons.push({ code: "RollOutStopped", nodes: stoppers });
  if (locked) reasons.push(locked);
  return { kind: "seen", reasons, wait: placeWait(inLedger, scene), fresh: ledgerFresh(ledger, scene) };
}

/** Whether it is the turn of one node, given how many wait before it and who takes a place. */
export function turnOf(
  node: NodeFacts,
  { line, ahead, slots, scene }: { line: Line; ahead: number; slots: Slots; scene: Scene },
): Turn {
  if (line.kind === "unknown") return { kind: "refused", step: line.step };
  const reasons = whyWait(line.reasons, { full: slotRefusal(node, slots), ahead });
  if (reasons === undefined) return lastLook(node, { scene, fresh: line.fresh });
  const { questions, wakeAtMs } = line.wait;
  return { kind: "waits", step: { reasons, questions, wakeAtMs } };
}

/** Made for each of thousands at every decision, mostly of the one reason that there is no place. */
function whyWait(
  common: readonly Reason[],
  { full, ahead }: { full: Reason | undefined; ahead: number },
): Step["reasons"] | undefined {
  const [first = full, ...more] = common;
  if (first === undefined) return undefined;
  if (common.length === 0) return ahead > 0 ? [first, { code: "Queued", ahead }] : [first];
  return [first, ...more, ...(full ? [full] : []), ...(ahead > 0 ? [{ code: "Queued", ahead } as const] : [])];
}

/** What is asked only of a node whose turn it is, because it costs requests. */
function lastLook(node: NodeFacts, { scene, fresh }: { scene: Scene; fresh: boolean }): Turn {
  const { view, policy, now } = scene;
  const { waitingMs, decisiveMs, restingMs, gatesMs } = policy.freshness;
  const gates = gatesNow(node, { scene, freshForMs: decisiveMs });
  // Before everything that costs requests, which a node whose gates are shut would repeat for nothing.
  if (gates.kind === "shut")
    return {
      kind: "refused",
      step: { reasons: gates.reasons, questions: gates.questions.map((gate) => ({ ...gate, freshForMs: gatesMs })) },
    };
  // A claim rests on the agent, so that what was seen of it some minutes ago is not enough.
  if (!fresh) return { kind: "soon", step: lookAtLedger({ code: "Claiming" }, scene) };
  const freshForMs = Math.max(waitingMs, decisiveMs);
  if (view.nodesObservedAtMs + freshForMs < now.monotonicMs)
    return { kind: "soon", step: { reasons: [{ code: "Claiming" }], questions: [{ kind: "nodes", freshForMs }] } };
  const agent = agentStanding(node, { scene, freshForMs: decisiveMs });
  if (agent.kind === "alive" && gates.kind === "ask")
    return { kind: "soon", step: { reasons: [{ code: "Claiming" }], questions: gates.questions } };
  if (agent.kind === "alive") return { kind: "now" };
  if (agent.kind === "ask" && !agent.failed)
    return { kind: "soon", step: { reasons: [{ code: "Claiming" }], questions: [agent.question] } };
  const again: Question = { ...agent.question, freshForMs: restingMs };
  return { kind: "refused", step: { reasons: [agent.reason], questions: [again] } };
}

function needSinceMs({ report }: NodeFacts): number {
  return report.kind === "report" ? report.report.sinceMs : Infinity;
}

function refused(refusals: readonly Refusal[]): Step | undefined {
  const [first, ...more] = refusals.map(({ reason }) => reason);
  if (first === undefined) return undefined;
  return { reasons: [first, ...more], wakeAtMs: refusals.flatMap((refusal) => refusal.wakeAtMs ?? []) };
}
