import type { Action } from "./action.ts";
import { countSlots } from "./budget/slots.ts";
import { advance, begin } from "./fleet/advance.ts";
import { kubeletWitness } from "./fleet/boot.ts";
import type { NodeFacts } from "./fleet/node.ts";
import type { MaintenanceRecord } from "./fleet/record.ts";
import type { View } from "./fleet/view.ts";
import { formatCreated } from "./lock/created.ts";
import { hasOurEntry, holders } from "./lock/place.ts";
import { ledgerWrite, overdue } from "./lock/waiting.ts";
import { removeEntry } from "./lock/write.ts";
import type { Now } from "./now.ts";
import { phaseStep } from "./phases/step.ts";
import type { Policy } from "./policy/policy.ts";
import { questionKey, type Question } from "./question.ts";
import { adoption, recordId, termOf } from "./queue/adopt.ts";
import { candidacy, inOrder, turnRefusal, type Turn } from "./queue/candidates.ts";
import { actWhenFree } from "./attempt.ts";
import type { NodeInHand, Scene, Step } from "./scene.ts";
import type { Verdict } from "./verdict/reason.ts";

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
  const scene: Scene = { view: { ...view, leadership: leadershipNow(view, now) }, policy, now };
  const steps = new Map<string, Step>();
  for (const node of view.nodes) {
    const step = stepInHand(node, scene);
    if (step) steps.set(node.name, step);
  }
  addCandidates(steps, scene);
  return collect(steps, scene);
}

/** A term that has run out is no leadership, whatever its holder has heard. */
function leadershipNow({ leadership }: View, now: Now): View["leadership"] {
  if (leadership.kind !== "leading" || leadership.untilMs > now.monotonicMs) return leadership;
  return { kind: "following", holder: "" };
}

/** Nodes with a record, readable or not; `undefined` for those without one. */
function stepInHand(node: NodeFacts, scene: Scene): Step | undefined {
  const { leadership } = scene.view;
  const reading = node.record;
  if (reading.kind === "absent") return undefined;
  if (reading.kind === "unreadable")
    return { reasons: [{ code: "RecordUnreadable", detail: reading.reason, text: reading.text }] };
  const { record } = reading;
  if (record.owner !== scene.policy.owner) return { reasons: [{ code: "OwnedByOther", owner: record.owner }] };
  if (leadership.kind === "following") return { reasons: [{ code: "NotLeading", holder: leadership.holder }] };
  if (leadership.kind === "leading" && record.term > leadership.term)
    return { reasons: [{ code: "NotLeading", holder: `of term ${record.term}` }] };
  const inHand: NodeInHand = { node, record };
  if (leadership.kind === "leading" && record.term < leadership.term) return takeOver(inHand, leadership.term, scene);
  return phaseStep(inHand, scene);
}

/** A new leader raises the term before it acts, so that writes of the old one meet a changed object. */
function takeOver(inHand: NodeInHand, term: number, scene: Scene): Step {
  const { reasons } = phaseStep(inHand, scene);
  return advance(inHand, { step: "raiseTerm", change: { term }, reason: reasons[0], scene });
}

/** Nodes without a record, in the order of their need: the first for which there is a place is begun. */
function addCandidates(steps: Map<string, Step>, scene: Scene): void {
  const { view } = scene;
  const ready: NodeFacts[] = [];
  for (const node of view.nodes) {
    if (steps.has(node.name)) continue;
    if (view.leadership.kind === "following") {
      steps.set(node.name, { reasons: [{ code: "NotLeading", holder: view.leadership.holder }] });
      continue;
    }
    const found = adoption(node, scene) ?? candidacy(node, scene);
    if ("reasons" in found) steps.set(node.name, found);
    else if (found.kind === "refused") steps.set(node.name, found.step);
    else ready.push(node);
  }
  const turn: Turn = { scene, slots: slotsNow(scene), stopped: stoppers(steps) };
  let intents = countIntents(scene);
  let ahead = 0;
  for (const node of inOrder(ready)) {
    const refusal = turnRefusal(node, { ...turn, ahead, intents });
    steps.set(node.name, refusal ?? intend(node, scene));
    if (!refusal) intents += 1;
    ahead += 1;
  }
}

function slotsNow(scene: Scene): Turn["slots"] {
  const { ledger } = scene.view;
  return countSlots(ledger.kind === "seen" ? holders(ledger, scene) : [], scene);
}

/** Intents that are not in the ledger yet: each is about to take a place. */
function countIntents({ view, policy }: Scene): number {
  return view.nodes.filter((node) => {
    if (node.record.kind !== "record" || node.record.record.owner !== policy.owner) return false;
    const { record } = node.record;
    if (record.phase !== "intended") return false;
    return view.ledger.kind !== "seen" || !hasOurEntry(view.ledger, { node, record });
  }).length;
}

/** Nodes that did not come back. */
function stoppers(steps: ReadonlyMap<string, Step>): readonly string[] {
  return Array.from(steps)
    .filter(([, { reasons }]) => reasons[0].code === "Failed" || reasons[0].code === "RebootOverdue")
    .map(([node]) => node);
}

function intend(node: NodeFacts, scene: Scene): Step {
  const report = node.report.kind === "report" ? node.report.report : undefined;
  const record: MaintenanceRecord = {
    owner: scene.policy.owner,
    id: recordId(node, scene),
    term: termOf(scene),
    phase: "intended",
    phaseSinceMs: scene.now.wallMs,
    boot: report?.boot ?? "",
    kubeletBoot: kubeletWitness(node),
    machine: node.uid,
    lock: formatCreated(scene.now.wallMs),
    cordon: "none",
    attempt: 0,
  };
  return begin(node, { step: "intend", record, reason: { code: "Claiming" }, scene });
}

/** One decision of all steps: at most one write of the ledger, the strictest of equal questions, the earliest wake. */
function collect(steps: ReadonlyMap<string, Step>, scene: Scene): Decision {
  const freeing = freeGone(scene);
  const all = [...steps.values(), ...(freeing ? [freeing] : [])];
  const questions = new Map<string, Question>();
  for (const question of all.flatMap((step) => step.questions ?? [])) {
    const key = questionKey(question);
    const other = questions.get(key);
    if (other === undefined || question.freshForMs < other.freshForMs) questions.set(key, question);
  }
  return {
    verdicts: scene.view.nodes.map((node) => verdict(node, steps)),
    actions: oneLedgerWrite(all.flatMap((step) => step.actions ?? [])),
    questions: [...questions.values()],
    wakeAtMs: Math.min(Infinity, ...all.flatMap((step) => step.wakeAtMs ?? [])),
  };
}

function verdict(node: NodeFacts, steps: ReadonlyMap<string, Step>): Verdict {
  const reasons = steps.get(node.name)?.reasons ?? [{ code: "ViewTooOld", what: "this node" }];
  const recordId = node.record.kind === "record" ? { recordId: node.record.record.id } : {};
  return { node: node.name, reasons, ...recordId };
}

/** Each was decided on the same text, so the second would only meet a conflict. */
function oneLedgerWrite(actions: readonly Action[]): readonly Action[] {
  const first = actions.find(({ kind }) => kind === "writeLedger");
  return actions.filter((action) => action.kind !== "writeLedger" || action === first);
}

/** Takes the entry of a node out of the ledger that the API server says is gone. */
function freeGone(scene: Scene): Step | undefined {
  const { ledger, leadership } = scene.view;
  if (ledger.kind === "unseen" || leadership.kind === "following") return undefined;
  const inLedger = holders(ledger, scene);
  const [gone] = overdue(inLedger);
  if (gone === undefined) {
    const foreign = leadership.kind === "leading" ? inLedger.flatMap(({ question }) => question ?? []) : [];
    return { reasons: [{ code: "Claiming" }], questions: foreign };
  }
  const removal = removeEntry(ledger.text, gone);
  if (removal.kind !== "removed") return undefined;
  const write = ledgerWrite(ledger, { step: "free", node: gone.nodeId, text: removal.text });
  return actWhenFree(write, { reason: { code: "Claiming" }, scene });
}
