import { questionKey, type Answer, type Question } from "../../../question.ts";
import { budgetsAnswer } from "../budgets.ts";
import type { Cluster } from "../cluster.ts";
import type { ModelNode } from "../node.ts";
import type { Knowledge } from "./knowledge.ts";
import type { Living, Network } from "../network.ts";
import type { Timeline } from "../timeline.ts";

/** What the eyes of one life of a decider need. */
export interface EyesParts {
  readonly decider: Living;
  readonly known: Knowledge;
  readonly timeline: Timeline;
  readonly cluster: Cluster;
  readonly network: Network;
  /** In classic mode the one node that it sees. */
  readonly own?: string;
  readonly putNode: (node: ModelNode, observedAtMs: number) => void;
  readonly done: () => void;
}

/** How a decider finds out what it asks for, as the loops do; one look at a time for each question. */
export class Eyes {
  readonly #parts: EyesParts;
  readonly #looking = new Set<string>();
  readonly #lookRests = new Map<string, { failures: number; untilMs: number }>();
  readonly #budgetsOf = new Set<string>();
  readonly #podsAskedAtMs = new Map<string, number>();

  constructor(parts: EyesParts) {
    this.#parts = parts;
  }

  /** What the watches of pods and budgets have to tell; one that nobody asked for lately is over. */
  watched(): void {
    const { timeline, known } = this.#parts;
    for (const [node, askedAtMs] of this.#podsAskedAtMs) {
      if (askedAtMs + 30_000 < timeline.nowMs) this.#podsAskedAtMs.delete(node);
      else known.answers.set(`pods/${node}`, this.#podsNow(node, timeline.nowMs));
    }
    for (const key of this.#budgetsOf) known.answers.set(key, budgetsAnswer(this.#parts.cluster, timeline.nowMs));
  }

  #podsNow(node: string, observedAtMs: number): Answer {
    return { kind: "pods", pods: this.#parts.cluster.podsOn(node), observedAtMs };
  }

  /** Begins a look that is due, and answers in how many milliseconds the question needs the next. */
  due(question: Question): number {
    const { timeline } = this.#parts;
    const key = questionKey(question);
    // Listed once, and watched from then on; who polls never learns of them.
    if (question.kind === "budgets" && (this.#parts.own !== undefined || this.#budgetsOf.has(key))) return Infinity;
    if (question.kind === "pods") this.#podsAskedAtMs.set(question.node, timeline.nowMs);
    if (this.#looking.has(key)) return Infinity;
    const restUntilMs = this.#lookRests.get(key)?.untilMs ?? -Infinity;
    const dueMs = Math.max(this.#observedAtMs(question) + question.freshForMs, restUntilMs);
    if (dueMs > timeline.nowMs) return dueMs - timeline.nowMs + 1;
    this.#look(question);
    return Infinity;
  }

  #observedAtMs(question: Question): number {
    if (question.kind === "nodes") return this.#parts.known.nodesObservedAtMs;
    if (question.kind === "ledger")
      return this.#parts.known.ledger.kind === "seen" ? this.#parts.known.ledger.observedAtMs : -Infinity;
    return this.#parts.known.answers.get(questionKey(question))?.observedAtMs ?? -Infinity;
  }

  #look(question: Question): void {
    const { network, timeline, cluster } = this.#parts;
    const key = questionKey(question);
    const askedAtMs = timeline.nowMs;
    this.#looking.add(key);
    network.send(this.#parts.decider, {
      write: false,
      apply: () => this.#observe(question, askedAtMs),
      done: (store) => {
        timeline.after(question.kind === "gate" ? cluster.gates.answerMs : 0, () => {
          store();
          this.#looking.delete(key);
          this.#lookRests.delete(key);
          this.#parts.done();
        });
      },
      failed: () => {
        if (answered.has(question.kind))
          this.#parts.known.answers.set(key, { kind: "failed", observedAtMs: askedAtMs, reason: "no answer" });
        this.#looking.delete(key);
        const failures = (this.#lookRests.get(key)?.failures ?? 0) + 1;
        this.#lookRests.set(key, { failures, untilMs: timeline.nowMs + Math.min(30_000, 1_000 * 2 ** failures) });
        this.#parts.done();
      },
    });
  }

  /** What the API server says at this instant, to be kept when it arrives. */
  #observe(question: Question, observedAtMs: number): () => void {
    const { cluster } = this.#parts;
    switch (question.kind) {
      case "nodes": {
        const wanted = this.#parts.own === undefined ? [...this.#parts.known.nodes.keys()] : [this.#parts.own];
        const seen = wanted.map((name) => ({ name, node: cluster.nodes.get(name) }));
        return () => {
          for (const { name, node } of seen) {
            if (node) this.#parts.putNode(node, observedAtMs);
            else this.#parts.known.nodes.delete(name);
          }
          this.#parts.known.nodesSeen(observedAtMs);
        };
      }
      case "ledger": {
        const seen = cluster.ledgerFacts(observedAtMs);
        return () => this.#parts.known.putLedger(seen);
      }
      case "pods": {
        const answer = this.#podsNow(question.node, observedAtMs);
        return () => this.#parts.known.answers.set(questionKey(question), answer);
      }
      case "nodeExists": {
        const answer: Answer = { kind: "nodeExists", node: cluster.holderNode(question.node), observedAtMs };
        return () => this.#parts.known.answers.set(questionKey(question), answer);
      }
      case "daemonSet":
        return () =>
          this.#parts.known.answers.set(questionKey(question), { kind: "daemonSet", state: "exists", observedAtMs });
      case "gate": {
        const answer = cluster.gates.answer(question, observedAtMs);
        const { known, timeline } = this.#parts;
        return () => known.answers.set(questionKey(question), answer(timeline.nowMs));
      }
      case "replicas": {
        const missing = cluster.aftermath.missing(question.name);
        return () => this.#parts.known.answers.set(questionKey(question), { kind: "replicas", missing, observedAtMs });
      }
      case "volumeAttachments": {
        const volumes = cluster.aftermath.attached(question.node);
        const answer: Answer = { kind: "volumeAttachments", volumes, observedAtMs };
        return () => this.#parts.known.answers.set(questionKey(question), answer);
      }
      case "volume":
        return () => this.#parts.known.answers.set(questionKey(question), { kind: "volume", observedAtMs });
      case "budgets": {
        const answer = budgetsAnswer(cluster, observedAtMs);
        const key = questionKey(question);
        return () => {
          this.#budgetsOf.add(key);
          this.#parts.known.answers.set(key, answer);
        };
      }
      case "dryRun":
        return () => undefined;
    }
  }
}

/** Where a look that failed is an answer too. */
const answered: ReadonlySet<Question["kind"]> = new Set([
  ...(["pods", "nodeExists", "daemonSet", "volumeAttachments", "replicas", "gate"] as const),
]);
