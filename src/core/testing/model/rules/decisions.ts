import type { Action } from "../../../action.ts";
import { decide, type Decision } from "../../../decide.ts";
import type { View } from "../../../fleet/view.ts";
import { entriesOf, hasOurEntry } from "../../../lock/place.ts";
import type { Now } from "../../../now.ts";
import type { Policy } from "../../../policy/policy.ts";
import { windowRefusal } from "../../../policy/refusals.ts";
import { budgetLabel } from "../budgets.ts";
import type { Decider } from "../decider/decider.ts";
import { leftBehind } from "./aftermath.ts";
import type { Break, Scenery } from "./scenery.ts";

/** A decision and what it was made from. */
interface Decided {
  readonly decision: Decision;
  readonly view: View;
  readonly policy: Policy;
  readonly now: Now;
}

/** What must be true of every decision, by what its decider knew. */
export class RulesOfDecisions {
  readonly #scenery: Scenery;
  readonly #break: Break;
  readonly #turns = new Map<string, { secondMs: number; count: number }>();
  #decisions = 0;

  constructor(scenery: Scenery, broken: Break) {
    this.#scenery = scenery;
    this.#break = broken;
  }

  /** What may be seen from a decision itself. */
  decided(decider: Decider, decision: Decision, { view, now }: { view: View; now: Now }): void {
    const { policy } = this.#scenery;
    for (const action of decision.actions) this.#begun(action, { decision, view, now, decider });
    this.#asked(decider, decision, view);
    this.#decisions += 1;
    if (decision.wakeAtMs <= now.monotonicMs && decision.actions.length === 0 && decision.questions.length === 0)
      this.#break(
        "wake",
        `${decider.name} asks to be woken in the past: ${decision.verdicts.map(({ reasons }) => reasons[0].code).join(", ")}`,
      );
    if (this.#decisions % 4 === 0) this.#remembers(decider, { decision, view, policy, now });
    if (this.#decisions % 8 === 0) this.#wakes(decider, { decision, view, policy, now });
    this.turned(decider.name);
  }

  /** Whatever loops: nobody decides hundreds of times a second. */
  turned(name: string): void {
    const secondMs = Math.floor(this.#scenery.timeline.nowMs / 1_000);
    const turns = this.#turns.get(name);
    const count = turns?.secondMs === secondMs ? turns.count + 1 : 1;
    this.#turns.set(name, { secondMs, count });
    if (count === 300) this.#break("wake", `${name} decides 300 times in a second`);
  }

  /** What is kept from earlier decisions saves work and changes nothing. */
  #remembers(decider: Decider, { decision, view, policy, now }: Decided): void {
    const { memory: _, ...plain } = view;
    const anew = decide(plain, policy, now);
    if (JSON.stringify(anew) !== JSON.stringify(decision))
      this.#break(
        "memory",
        `${decider.name} decides ${JSON.stringify(decision)} and without its memory ${JSON.stringify(anew)}`,
      );
  }

  /** At its own alarm a decider that knows nothing new either has something to do or asks to be woken later. */
  #wakes(decider: Decider, { decision, view, policy, now }: Decided): void {
    const inMs = decision.wakeAtMs - now.monotonicMs;
    if (!Number.isFinite(inMs) || inMs <= 0) return;
    const at = { wallMs: now.wallMs + Math.ceil(inMs), monotonicMs: now.monotonicMs + Math.ceil(inMs) };
    const next = decide(view, policy, at);
    if (next.wakeAtMs <= at.monotonicMs && next.actions.length === 0 && next.questions.length === 0)
      this.#break("wake", `${decider.name} does not get past its own alarm`);
  }

  /** Polling costs requests, so an idle node asks for nothing. */
  #asked(decider: Decider, { questions, verdicts }: Decision, view: View): void {
    const idle = verdicts.every(({ reasons, recordId }) => reasons[0].code === "NotRequired" && recordId === undefined);
    const entries = view.ledger.kind === "seen" ? entriesOf(view.ledger.ledger) : [];
    const held = entries.some(({ nodeId }) => nodeId === decider.own);
    if (decider.own !== undefined && idle && !held && view.ledger.kind === "seen" && questions.length > 0)
      this.#break("polling", `idle ${decider.name} asks for ${questions.map(({ kind }) => kind).join(", ")}`);
  }

  #begun(
    action: Action,
    { decision, view, now, decider }: { decision: Decision; view: View; now: Now; decider: Decider },
  ): void {
    const { policy } = this.#scenery;
    const seen = view.nodes.find(({ name }) => name === action.node);
    if (action.kind === "evict" || action.kind === "deletePod") {
      if (action.kind === "deletePod" && policy.onDrainTimeout !== "delete" && policy.drainHardEndMs <= 0)
        this.#break("2", `${action.key} although the drain has no such end`);
      if (seen?.pause || seen?.hold || (view.ledger.kind === "seen" && view.ledger.pause))
        this.#break("pause", `${action.key} in a pause`);
      if (!seen?.unschedulable) this.#break("2", `${action.key} without a cordon`);
      return;
    }
    if (action.kind === "notify") return;
    const left = leftBehind(action, { view, policy, now, cluster: this.#scenery.cluster });
    const forced = policy.onDrainTimeout === "force" || policy.drainHardEndMs > 0;
    if (left !== undefined && !forced) this.#break("aftermath", `${action.key} although ${left} is waited for`);
    const begins = action.kind === "writeLedger" ? action.step === "take" : beginning.has(action.step);
    if (!begins || seen === undefined) return;
    const what = `${decider.name} ${action.step} ${action.node}`;
    const need = seen.report.kind === "report" ? seen.report.report.need : "unknown";
    if (need !== "required") this.#break("7", `${what} although the need is ${need}`);
    if (windowRefusal({ view, policy, now, stopped: [] })) this.#break("7", `${what} outside the window`);
    const stopped = decision.verdicts.some(({ reasons }) => stopping.has(reasons[0].code));
    if (stopped) this.#break("8", `${what} although a node did not come back`);
    if (seen.pause || seen.hold || (view.ledger.kind === "seen" && view.ledger.pause)) this.#break("pause", what);
    const long =
      seen.record.kind === "record" && now.wallMs - seen.record.record.phaseSinceMs > policy.freshness.decisiveMs;
    if ((action.step === "intend" || (action.step === "cordon" && long)) && isHeldForGood(seen.name, { view, policy }))
      this.#break("feasibility", `${what} although a budget never lets a pod of it go`);
    if (action.step === "approve") this.#approved(action, { view, now, what });
  }

  #approved(action: Action, { view, now, what }: { view: View; now: Now; what: string }): void {
    const { policy, cluster, timeline } = this.#scenery;
    const node = view.nodes.find(({ name }) => name === action.node);
    const { decisiveMs } = policy.freshness;
    const { ledger } = view;
    if (node === undefined || node.record.kind !== "record") return;
    if (ledger.kind !== "seen" || !hasOurEntry({ node, record: node.record.record }, { ledger, scene: {} }))
      this.#break("2", `${what} without our lock entry`);
    else if (ledger.observedAtMs + decisiveMs < now.monotonicMs) this.#break("2", `${what} on an old look at the lock`);
    if (!node.unschedulable) this.#break("2", `${what} without a cordon`);
    if (policy.onDrainTimeout === "force" || policy.drainHardEndMs > 0) return;
    const left = [...cluster.pods.values()].filter(
      ({ facts, createdAtMs }) =>
        facts.nodeName === action.node &&
        facts.controller?.kind !== "DaemonSet" &&
        createdAtMs < timeline.nowMs - decisiveMs - 100,
    );
    if (left.length > 0) this.#break("2", `${what} with ${left.map(({ facts }) => facts.name).join(", ")} still there`);
  }
}

/** By what its decider was told of the budgets, which the model closes for good. */
function isHeldForGood(node: string, { view, policy }: { view: View; policy: Policy }): boolean {
  const endsAnyway = policy.drainHardEndMs > 0 || (policy.drainTimeoutMs > 0 && policy.onDrainTimeout !== "abort");
  if (policy.drainFeasibility === "off" || policy.drainFeasibility === "warn" || endsAnyway) return false;
  const [pods, budgets] = [view.answers.get(`pods/${node}`), view.answers.get("budgets/shop")];
  if (pods?.kind !== "pods" || budgets?.kind !== "budgets") return false;
  return pods.pods.some(({ labels, deletionTimestampMs }) => {
    const budget = budgets.budgets.get(labels[budgetLabel] ?? "")?.budget;
    return deletionTimestampMs === undefined && budget?.disruptionsAllowed === 0;
  });
}

const beginning: ReadonlySet<string> = new Set(["intend", "cordon", "approve"]);
const stopping: ReadonlySet<string> = new Set(["Failed", "RebootOverdue"]);
