import type { Action } from "./action.ts";
import { actWhenFree } from "./attempt.ts";
import { advance } from "./fleet/advance.ts";
import type { NodeFacts } from "./fleet/node.ts";
import type { View } from "./fleet/view.ts";
import { holders } from "./lock/place.ts";
import { ledgerWrite, overdue } from "./lock/waiting.ts";
import { readWithout, removeEntry } from "./lock/write.ts";
import type { Now } from "./now.ts";
import { phaseStep } from "./phases/step.ts";
import type { Policy } from "./policy/policy.ts";
import { questionKey, type Question } from "./question.ts";
import { candidateRefusal } from "./queue/candidates.ts";
import { adoption } from "./queue/first-record.ts";
import { standInLine } from "./queue/line.ts";
import { clockErrorMsMax, type NodeInHand, type Scene, type Step } from "./scene.ts";
import { Steps } from "./steps.ts";
import { addWaitingMarks } from "./queue/waiting-marks.ts";
import { stopsRollOut, type Verdict } from "./verdict/reason.ts";

/** What may happen now, and why. */
export interface Decision {
  /** One for every node of the view, in the view's order. */
  readonly verdicts: readonly Verdict[];
  /** To be started now; one that is under way is not asked for again. */
  readonly actions: readonly Action[];
  readonly questions: readonly Question[];
  /** The earliest monotonic instant at which the answer can change although nothing happens. */
  readonly wakeAtMs: number;
}

/**
 * The whole of kured: looks at the fleet, the policy and the clock and says for every node what may happen next and
 * why. Total and without any effect; explain, forecast, dry run and simulator are this same function.
 */
export function decide(view: View, policy: Policy, now: Now): Decision {
  const first: Scene = { view: { ...view, leadership: leadershipNow(view, now) }, policy, now, stopped: [], memo: {} };
  const steps = new Steps(view.nodes.length);
  // Those that are being rebooted come first, because one that does not come back stops all others.
  const stopped = addRebooting(steps, first);
  const scene: Scene = { ...first, stopped };
  view.nodes.forEach((node, position) => {
    const step = node.record.kind === "absent" || isRebooting(node) ? undefined : stepInHand(node, scene);
    if (step) steps.set(position, step);
  });
  addCandidates(steps, scene);
  addWaitingMarks(steps, scene);
  return collect(steps, scene);
}

/** A term that has run out is no leadership, whatever its holder has heard. */
function leadershipNow({ leadership }: View, now: Now): View["leadership"] {
  if (leadership.kind !== "leading" || leadership.untilMs > now.monotonicMs) return leadership;
  return { kind: "following", holder: "" };
}

function isRebooting({ record }: NodeFacts): boolean {
  return record.kind === "record" && (record.record.phase === "rebooting" || record.record.phase === "returning");
}

/** Answers which of them did not come back. */
function addRebooting(steps: Steps, scene: Scene): readonly string[] {
  const stoppers: string[] = [];
  scene.view.nodes.forEach((node, position) => {
    const step = isRebooting(node) ? stepInHand(node, scene) : undefined;
    if (step === undefined) return;
    steps.set(position, step);
    // Until its end is written it counts: another process could not tell that the others were begun after it.
    if (stopsRollOut(step.reasons[0]) || hasFailed(node, scene)) stoppers.push(node.name);
  });
  return stoppers;
}

function hasFailed({ record: reading }: NodeFacts, { policy }: Scene): boolean {
  if (reading.kind !== "record" || reading.record.owner !== policy.owner) return false;
  return reading.record.phase === "rebooting" && reading.record.failure !== undefined;
}

/** Nothing for a node without a record. */
function stepInHand(node: NodeFacts, scene: Scene): Step | undefined {
  const { leadership } = scene.view;
  const reading = node.record;
  if (reading.kind === "absent") return undefined;
  const questions: readonly Question[] = [{ kind: "nodes", freshForMs: scene.policy.freshness.waitingMs }];
  if (reading.kind === "unreadable")
    return { reasons: [{ code: "RecordUnreadable", detail: reading.reason, text: reading.text }], questions };
  const { record } = reading;
  if (record.owner !== scene.policy.owner)
    return { reasons: [{ code: "OwnedByOther", owner: record.owner }], questions };
  if (leadership.kind === "following") return { reasons: [{ code: "NotLeading", holder: leadership.holder }] };
  if (leadership.kind === "leading" && record.term > leadership.term)
    return { reasons: [{ code: "NotLeading", holder: `of term ${record.term}` }] };
  const inHand: NodeInHand = { node, record };
  const written = leadership.kind === "leading" && record.term < leadership.term ? { term: leadership.term } : {};
  const timed = record.phaseSinceMs > scene.now.wallMs + clockErrorMsMax ? { phaseSinceMs: scene.now.wallMs } : {};
  const change = { ...written, ...timed };
  return Object.keys(change).length > 0 ? takeOver(inHand, { change, scene }) : phaseStep(inHand, scene);
}

/**
 * A new leader raises the term before it acts, so that writes of the old one meet a changed object. A time that lies
 * in the future would make its phase last until then, so it is set right the same way.
 */
function takeOver(
  inHand: NodeInHand,
  { change, scene }: { change: { readonly term?: number; readonly phaseSinceMs?: number }; scene: Scene },
): Step {
  const { reasons } = phaseStep(inHand, scene);
  return advance(inHand, { step: "raiseTerm", change, reason: reasons[0], scene });
}

/** Nodes without a record, in the order of their need: those for which there is a place are begun. */
function addCandidates(steps: Steps, scene: Scene): void {
  const { leadership } = scene.view;
  const ready: number[] = [];
  scene.view.nodes.forEach((node, position) => {
    if (steps.at(position) !== undefined) return;
    const step: Step | undefined =
      leadership.kind === "following"
        ? { reasons: [{ code: "NotLeading", holder: leadership.holder }] }
        : (adoption(node, scene) ?? candidateRefusal(node, scene));
    if (step) steps.set(position, step);
    else ready.push(position);
  });
  standInLine(ready, { steps, scene });
}

/** One decision of all steps: at most one write of the ledger, the strictest of equal questions, the earliest wake. */
function collect(steps: Steps, scene: Scene): Decision {
  const { nodes, leadership } = scene.view;
  const actions: Action[] = [];
  // Thousands that wait for the same give the very same lists, which are looked at once.
  const questions = new Set<readonly Question[]>();
  const wakes = new Set<readonly number[]>();
  const add = (step: Step) => {
    if (step.actions !== undefined) actions.push(...step.actions);
    if (step.questions !== undefined) questions.add(step.questions);
    if (step.wakeAtMs !== undefined) wakes.add(step.wakeAtMs);
  };
  steps.forEach(add);
  const common = aboutLedger(scene);
  if (common) add(common);
  return {
    verdicts: nodes.map((node, position) => verdict(node, steps.at(position))),
    actions: oneLedgerWrite(actions),
    questions: strictest(questions),
    wakeAtMs: earliest(wakes, leadership.kind === "leading" ? leadership.untilMs : Infinity),
  };
}

function earliest(wakes: Iterable<readonly number[]>, atTheLatestMs: number): number {
  let wakeAtMs = atTheLatestMs;
  for (const instants of wakes) for (const atMs of instants) wakeAtMs = Math.min(wakeAtMs, atMs);
  return wakeAtMs;
}

function verdict(node: NodeFacts, step: Step | undefined): Verdict {
  const reasons = step?.reasons ?? [{ code: "ViewTooOld", what: "this node" }];
  const { name, record } = node;
  if (record.kind !== "record") return { node: name, reasons };
  return { node: name, reasons, recordId: record.record.id };
}

/** In the order in which their keys come first. */
function strictest(lists: Iterable<readonly Question[]>): readonly Question[] {
  const asked = new Set<Question>();
  for (const questions of lists) for (const question of questions) asked.add(question);
  const byKey = new Map<string, Question>();
  for (const question of asked) {
    const key = questionKey(question);
    const other = byKey.get(key);
    if (other === undefined || question.freshForMs < other.freshForMs) byKey.set(key, question);
  }
  return [...byKey.values()];
}

/** Each was decided on the same text, so the second would only meet a conflict. */
function oneLedgerWrite(actions: readonly Action[]): readonly Action[] {
  const first = actions.find(({ kind }) => kind === "writeLedger");
  return actions.filter((action) => action.kind !== "writeLedger" || action === first);
}

/** What concerns the ledger and no node of the view: it is read once, and the entry of a node that is gone is freed. */
function aboutLedger(scene: Scene): Step | undefined {
  const { ledger, leadership } = scene.view;
  if (leadership.kind === "following") return undefined;
  const { waitingMs } = scene.policy.freshness;
  if (ledger.kind === "unseen")
    return { reasons: [{ code: "Claiming" }], questions: [{ kind: "ledger", freshForMs: waitingMs }] };
  const inLedger = holders(ledger, scene);
  const [gone] = overdue(inLedger);
  if (gone === undefined) {
    const foreign = leadership.kind === "leading" ? inLedger.flatMap(({ question }) => question ?? []) : [];
    return { reasons: [{ code: "Claiming" }], questions: foreign };
  }
  const removal = removeEntry(readWithout(ledger.text), gone);
  if (removal.kind !== "removed") return undefined;
  const write = ledgerWrite(ledger, { step: "free", node: gone.nodeId, text: removal.text });
  return actWhenFree(write, { reason: { code: "Claiming" }, scene });
}
