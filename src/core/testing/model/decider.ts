import type { Action } from "../../action.ts";
import { decide, type Decision } from "../../decide.ts";
import type { NodeFacts } from "../../fleet/node.ts";
import type { ActionOutcome, LedgerFacts, Leadership, View } from "../../fleet/view.ts";
import type { Now } from "../../now.ts";
import type { Policy } from "../../policy/policy.ts";
import { questionKey, type Answer, type Question } from "../../question.ts";
import { ModelAttempts } from "./attempts.ts";
import type { Cluster, ModelNode } from "./cluster.ts";
import type { Living, Network } from "./network.ts";
import type { Timeline } from "./timeline.ts";

export interface DeciderParts {
  readonly name: string;
  readonly timeline: Timeline;
  readonly cluster: Cluster;
  readonly network: Network;
  readonly chance: () => number;
  readonly policy: () => Policy;
  /** In classic mode the one node that it sees, which it polls; a coordinator watches all. */
  readonly own?: string;
  /** In classic mode: what one half of the process reads, the other half knows too. */
  readonly fed?: (node: ModelNode, observedAtMs: number) => void;
  readonly clockErrorMs: number;
  readonly decided: (decider: Decider, decision: Decision, scene: { view: View; now: Now }) => void;
}

/** One process that decides: what it knows, how it finds out, and what it has under way. */
export class Decider implements Living {
  readonly name: string;
  readonly own: string | undefined;
  life = 0;
  alive = false;
  leadership: Leadership;
  /** How long watch events take to it at the most. */
  watchLagMs = 300;
  looks = 0;
  readonly #parts: DeciderParts;
  #nodes = new Map<string, NodeFacts>();
  #nodesObservedAtMs = -Infinity;
  #ledger: LedgerFacts = unread;
  #answers = new Map<string, Answer>();
  #attempts = new ModelAttempts();
  #looking = new Set<string>();
  #lookRests = new Map<string, { failures: number; untilMs: number }>();
  #podsAskedAtMs = new Map<string, number>();
  #turnDueMs = Infinity;
  #syncDue = false;

  constructor(parts: DeciderParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.own = parts.own;
    this.leadership = parts.own === undefined ? { kind: "following", holder: "" } : { kind: "alone" };
  }

  /** A new life, which knows nothing. A coordinator that begins to lead begins with a list of everything. */
  start(): void {
    this.life += 1;
    this.alive = true;
    if (this.own === undefined) this.leadership = { kind: "following", holder: "" };
    this.#nodes = new Map();
    this.#nodesObservedAtMs = -Infinity;
    this.#ledger = unread;
    this.#answers = new Map();
    this.#attempts = new ModelAttempts();
    this.#looking = new Set();
    this.#lookRests = new Map();
    this.#turnDueMs = Infinity;
    this.#syncDue = false;
    if (this.own === undefined) this.#stayInContact(this.life);
    else this.#look({ kind: "nodes", freshForMs: 0 });
    this.wake(0);
  }

  lead(leadership: Leadership): void {
    this.leadership = leadership;
    if (leadership.kind === "leading") this.#sync();
    this.wake(0);
  }

  /** Something changed in the cluster; those who watch hear of it a little later. */
  hear(): void {
    if (!this.alive || this.own !== undefined || this.#syncDue) return;
    this.#syncDue = true;
    const { life } = this;
    this.#parts.timeline.after(5 + this.#parts.chance() * this.watchLagMs, () => {
      if (life === this.life && this.alive) this.#sync();
    });
  }

  wake(delayMs: number): void {
    const { timeline } = this.#parts;
    const dueMs = timeline.nowMs + delayMs;
    if (!this.alive || this.#turnDueMs <= dueMs) return;
    this.#turnDueMs = dueMs;
    const { life } = this;
    timeline.after(delayMs, () => {
      if (life !== this.life || !this.alive || this.#turnDueMs > timeline.nowMs) return;
      this.#turnDueMs = Infinity;
      this.#turn();
    });
  }

  #turn(): void {
    const { timeline, policy, decided } = this.#parts;
    if (this.own !== undefined && this.#nodes.size === 0)
      return this.wake(this.#due({ kind: "nodes", freshForMs: 5_000 }));
    const now = this.now();
    const view = this.view();
    const decision = decide(view, policy(), now);
    decided(this, decision, { view, now });
    for (const action of decision.actions) this.#start(action);
    const dueMs = Math.min(...decision.questions.map((question) => this.#due(question)), Infinity);
    const nextMs = Math.min(decision.wakeAtMs - timeline.nowMs, dueMs, 60_000);
    this.wake(Math.max(0, nextMs));
  }

  now(): Now {
    const { timeline, clockErrorMs } = this.#parts;
    return { wallMs: Math.floor(timeline.wallMs + clockErrorMs), monotonicMs: timeline.nowMs };
  }

  view(): View {
    return {
      nodes: [...this.#nodes.values()],
      nodesObservedAtMs: this.#nodesObservedAtMs,
      ledger: this.#ledger,
      answers: new Map(this.#answers),
      attempts: new Map(this.#attempts.all),
      leadership: this.leadership,
    };
  }

  #start(action: Action): void {
    const { timeline, network, cluster } = this.#parts;
    this.#attempts.begin(action.key, timeline.nowMs);
    const sentAtMs = timeline.nowMs;
    network.send(this, {
      write: true,
      apply: () => {
        const outcome = cluster.perform(action, this.name);
        return { outcome, node: cluster.nodes.get(action.node), ledger: cluster.ledgerFacts(sentAtMs) };
      },
      done: ({ outcome, node, ledger }) => {
        if (outcome.kind === "done" && action.kind === "writeRecord" && node)
          this.#putNode(node, { observedAtMs: sentAtMs });
        if (outcome.kind === "done" && action.kind === "writeLedger") this.#putLedger(ledger);
        if (outcome.kind === "conflict" || outcome.kind === "gone") this.#lookAgain(action, outcome);
        else this.#end(action, outcome);
      },
      failed: () => {
        const unanswered: ActionOutcome = { kind: "eviction", outcome: { kind: "unreachable" } };
        if (action.kind === "evict") this.#end(action, unanswered);
        else this.#lookAgain(action, { kind: "failed", reason: "no answer" });
      },
    });
  }

  /** As the loops do after a write that failed: what is there now is read before the attempt ends. */
  #lookAgain(action: Action, outcome: ActionOutcome): void {
    const { network, cluster, timeline } = this.#parts;
    const askedAtMs = timeline.nowMs;
    if (action.kind === "writeLedger" && this.#ledger.kind === "seen")
      this.#ledger = { ...this.#ledger, observedAtMs: -Infinity };
    network.send(this, {
      write: false,
      apply: () => ({ node: cluster.nodes.get(action.node), ledger: cluster.ledgerFacts(askedAtMs) }),
      done: ({ node, ledger }) => {
        if (action.kind === "writeLedger") this.#putLedger(ledger);
        else if (node) this.#putNode(node, { observedAtMs: askedAtMs });
        else this.#nodes.delete(action.node);
        this.#end(action, outcome);
      },
      failed: () => this.#end(action, outcome),
    });
  }

  #end({ key }: Action, outcome: ActionOutcome): void {
    const { timeline, chance } = this.#parts;
    this.#attempts.end(key, { outcome, nowMs: timeline.nowMs, jitter: chance() });
    this.wake(0);
  }

  /** Read by the other half of the process. */
  feed(node: ModelNode, observedAtMs: number): void {
    if (!this.alive) return;
    this.#putNode(node, { observedAtMs, feeds: false });
    this.wake(0);
  }

  #putNode(seen: ModelNode, { observedAtMs, feeds = true }: { observedAtMs: number; feeds?: boolean }): void {
    if (feeds) this.#parts.fed?.(seen, observedAtMs);
    const node = this.#parts.cluster.facts(seen);
    const known = this.#nodes.get(node.name);
    if (known?.uid === node.uid && Number(known.resourceVersion) > Number(node.resourceVersion)) return;
    this.#nodes.set(node.name, node);
    if (this.own !== undefined) this.#nodesObservedAtMs = Math.max(observedAtMs, this.#nodesObservedAtMs);
  }

  #putLedger(seen: Extract<LedgerFacts, { kind: "seen" }>): void {
    const known = this.#ledger;
    const older = known.kind === "seen" && Number(known.resourceVersion) > Number(seen.resourceVersion);
    this.#ledger = older ? { ...known, observedAtMs: Math.max(known.observedAtMs, seen.observedAtMs) } : seen;
  }

  /** Everything that a watch has to tell, at once. */
  #sync(): void {
    const { cluster, timeline } = this.#parts;
    this.#syncDue = false;
    this.#nodes = new Map(Array.from(cluster.nodes.values(), (node) => [node.name, cluster.facts(node)]));
    this.#nodesObservedAtMs = timeline.nowMs;
    this.#putLedger(cluster.ledgerFacts(timeline.nowMs));
    for (const [node, askedAtMs] of this.#podsAskedAtMs) {
      if (askedAtMs + 30_000 < timeline.nowMs) this.#podsAskedAtMs.delete(node);
      else this.#answers.set(`pods/${node}`, this.#podsNow(node, timeline.nowMs));
    }
    this.wake(0);
  }

  #stayInContact(life: number): void {
    this.#parts.timeline.after(30_000, () => {
      if (life !== this.life || !this.alive) return;
      this.#sync();
      this.#stayInContact(life);
    });
  }

  #podsNow(node: string, observedAtMs: number): Answer {
    return { kind: "pods", pods: this.#parts.cluster.podsOn(node), observedAtMs };
  }

  /** Begins a look that is due, and answers in how many milliseconds the question needs the next. */
  #due(question: Question): number {
    const { timeline } = this.#parts;
    const key = questionKey(question);
    if (question.kind === "budgets") return Infinity;
    if (question.kind === "pods") this.#podsAskedAtMs.set(question.node, timeline.nowMs);
    if (this.#looking.has(key)) return Infinity;
    const restUntilMs = this.#lookRests.get(key)?.untilMs ?? -Infinity;
    const dueMs = Math.max(this.#observedAtMs(question) + question.freshForMs, restUntilMs);
    if (dueMs > timeline.nowMs) return dueMs - timeline.nowMs + 1;
    this.#look(question);
    return Infinity;
  }

  #observedAtMs(question: Question): number {
    if (question.kind === "nodes") return this.#nodesObservedAtMs;
    if (question.kind === "ledger") return this.#ledger.kind === "seen" ? this.#ledger.observedAtMs : -Infinity;
    return this.#answers.get(questionKey(question))?.observedAtMs ?? -Infinity;
  }

  #look(question: Question): void {
    const { network, timeline } = this.#parts;
    const key = questionKey(question);
    const askedAtMs = timeline.nowMs;
    this.#looking.add(key);
    this.looks += 1;
    network.send(this, {
      write: false,
      apply: () => this.#observe(question, askedAtMs),
      done: (store) => {
        store();
        this.#looking.delete(key);
        this.#lookRests.delete(key);
        this.wake(0);
      },
      failed: () => {
        if (question.kind === "pods" || question.kind === "nodeExists" || question.kind === "daemonSet")
          this.#answers.set(key, { kind: "failed", observedAtMs: askedAtMs, reason: "no answer" });
        this.#looking.delete(key);
        const failures = (this.#lookRests.get(key)?.failures ?? 0) + 1;
        this.#lookRests.set(key, { failures, untilMs: timeline.nowMs + Math.min(30_000, 1_000 * 2 ** failures) });
        this.wake(0);
      },
    });
  }

  /** What the API server says at this instant, to be kept when it arrives. */
  #observe(question: Question, observedAtMs: number): () => void {
    const { cluster } = this.#parts;
    switch (question.kind) {
      case "nodes": {
        const wanted = this.own === undefined ? [...this.#nodes.keys()] : [this.own];
        const seen = wanted.map((name) => ({ name, node: cluster.nodes.get(name) }));
        return () => {
          for (const { name, node } of seen) {
            if (node) this.#putNode(node, { observedAtMs });
            else this.#nodes.delete(name);
          }
          this.#nodesObservedAtMs = Math.max(this.#nodesObservedAtMs, observedAtMs);
        };
      }
      case "ledger": {
        const seen = cluster.ledgerFacts(observedAtMs);
        return () => this.#putLedger(seen);
      }
      case "pods": {
        const answer = this.#podsNow(question.node, observedAtMs);
        return () => this.#answers.set(questionKey(question), answer);
      }
      case "nodeExists": {
        const answer: Answer = { kind: "nodeExists", node: cluster.holderNode(question.node), observedAtMs };
        return () => this.#answers.set(questionKey(question), answer);
      }
      case "daemonSet":
        return () => this.#answers.set(questionKey(question), { kind: "daemonSet", state: "exists", observedAtMs });
      case "budgets":
        return () => undefined;
    }
  }
}

const unread: LedgerFacts = { kind: "unseen", reason: "not read yet" };
