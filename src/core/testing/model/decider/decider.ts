import type { Action } from "../../../action.ts";
import { decide, type Decision } from "../../../decide.ts";
import type { ActionOutcome, Leadership, View } from "../../../fleet/view.ts";
import { createMemory } from "../../../memory.ts";
import type { Now } from "../../../now.ts";
import type { Policy } from "../../../policy/policy.ts";
import { ModelAttempts } from "../attempts.ts";
import type { Cluster } from "../cluster.ts";
import type { ModelNode } from "../node.ts";
import { Eyes } from "./eyes.ts";
import { Knowledge } from "./knowledge.ts";
import type { Living, Network } from "../network.ts";
import { ModelOutbox, type Receiver } from "../outbox.ts";
import type { Timeline } from "../timeline.ts";
import { Turns } from "../turns.ts";

/** What a deciding process is made of. */
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
  readonly receiver: Receiver;
  readonly told: (key: string) => void;
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
  readonly #parts: DeciderParts;
  #known = new Knowledge();
  #attempts = new ModelAttempts();
  #memory = createMemory();
  #eyes: Eyes;
  #outbox: ModelOutbox;
  readonly #turns: Turns;
  #syncDue = false;

  constructor(parts: DeciderParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.own = parts.own;
    this.#turns = new Turns(this, { timeline: parts.timeline, turn: () => this.#turn() });
    this.#eyes = this.#open();
    this.#outbox = new ModelOutbox({ ...parts, sender: this });
    this.leadership = parts.own === undefined ? { kind: "following", holder: "" } : { kind: "alone" };
  }

  /** A new life, which knows nothing. A coordinator that begins to lead begins with a list of everything. */
  start(): void {
    this.life += 1;
    this.alive = true;
    if (this.own === undefined) this.leadership = { kind: "following", holder: "" };
    this.#known = new Knowledge();
    this.#attempts = new ModelAttempts();
    this.#memory = createMemory();
    this.#eyes = this.#open();
    this.#outbox = new ModelOutbox({ ...this.#parts, sender: this });
    this.#turns.forget();
    this.#syncDue = false;
    if (this.own === undefined) this.#stayInContact(this.life);
    else this.#eyes.due({ kind: "nodes", freshForMs: 0 });
    this.wake(0);
  }

  #open(): Eyes {
    return new Eyes({
      ...this.#parts,
      decider: this,
      known: this.#known,
      putNode: (node, atMs) => this.#putNode(node, { observedAtMs: atMs }),
      done: () => this.wake(0),
    });
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
    this.#turns.wake(delayMs);
  }

  #turn(): void {
    const { timeline, policy, decided } = this.#parts;
    if (this.own !== undefined && this.#known.nodes.size === 0)
      return this.wake(this.#eyes.due({ kind: "nodes", freshForMs: 5_000 }));
    const now = this.now();
    const view = this.view();
    const decision = decide(view, policy(), now);
    decided(this, decision, { view, now });
    for (const action of decision.actions) this.#start(action);
    const dueMs = Math.min(...decision.questions.map((question) => this.#eyes.due(question)), Infinity);
    const nextMs = Math.min(decision.wakeAtMs - timeline.nowMs, dueMs, 60_000);
    this.wake(Math.max(0, nextMs));
  }

  now(): Now {
    const { timeline, clockErrorMs } = this.#parts;
    return { wallMs: Math.floor(timeline.wallMs + clockErrorMs), monotonicMs: timeline.nowMs };
  }

  view(): View {
    const { nodes, nodesObservedAtMs, ledger, answers } = this.#known;
    const attempts = new Map(this.#attempts.all);
    return {
      nodes: [...nodes.values()],
      nodesObservedAtMs,
      ledger,
      answers: new Map(answers),
      attempts,
      leadership: this.leadership,
      memory: this.#memory,
    };
  }

  #start(action: Action): void {
    const { timeline, network, cluster } = this.#parts;
    this.#attempts.begin(action.key, timeline.nowMs);
    if (action.kind === "notify")
      return this.#outbox.tell({ key: action.key, done: () => this.#end(action, { kind: "done" }) });
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
        if (outcome.kind === "done" && action.kind === "writeLedger") this.#known.putLedger(ledger);
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
    if (action.kind === "writeLedger") this.#known.ledgerUnsure();
    network.send(this, {
      write: false,
      apply: () => ({ node: cluster.nodes.get(action.node), ledger: cluster.ledgerFacts(askedAtMs) }),
      done: ({ node, ledger }) => {
        if (action.kind === "writeLedger") this.#known.putLedger(ledger);
        else if (node) this.#putNode(node, { observedAtMs: askedAtMs });
        else this.#known.nodes.delete(action.node);
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
    this.#known.putNode(this.#parts.cluster.facts(seen));
    if (this.own !== undefined) this.#known.nodesSeen(observedAtMs);
  }

  /** Everything that a watch has to tell, at once. */
  #sync(): void {
    const { cluster, timeline } = this.#parts;
    this.#syncDue = false;
    this.#known.nodes = new Map(Array.from(cluster.nodes.values(), (node) => [node.name, cluster.facts(node)]));
    this.#known.nodesSeen(timeline.nowMs);
    this.#known.putLedger(cluster.ledgerFacts(timeline.nowMs));
    this.#eyes.watched();
    this.wake(0);
  }

  #stayInContact(life: number): void {
    this.#parts.timeline.after(30_000, () => {
      if (life !== this.life || !this.alive) return;
      this.#sync();
      this.#stayInContact(life);
    });
  }
}
