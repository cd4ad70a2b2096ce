import type { HostQuestion } from "../../../host/action.ts";
import type { HostView } from "../../../host/view.ts";
import type { Cluster } from "../cluster.ts";
import type { ModelNode } from "../node.ts";
import type { Host } from "./host.ts";
import type { Living, Network } from "../network.ts";
import type { Timeline } from "../timeline.ts";

/** What an agent looks with. */
export interface SensesParts {
  readonly agent: Living;
  readonly host: Host;
  readonly timeline: Timeline;
  readonly cluster: Cluster;
  readonly network: Network;
  readonly view: () => Omit<HostView, "attempts">;
  readonly saw: (change: Partial<HostView>) => void;
  readonly sawNode: (node: ModelNode | undefined, observedAtMs: number) => void;
  readonly done: () => void;
}

/** How an agent finds out what it asks for; one look at a time for each. */
export class Senses {
  readonly #parts: SensesParts;
  readonly #looking = new Set<HostQuestion["kind"]>();

  constructor(parts: SensesParts) {
    this.#parts = parts;
  }

  /** A new life knows of no look under way. */
  forget(): void {
    this.#looking.clear();
  }

  /** Begins a look that is due, and answers in how many milliseconds the question needs the next. */
  due({ kind, freshForMs }: HostQuestion): number {
    const { timeline, view } = this.#parts;
    if (this.#looking.has(kind)) return Infinity;
    const { sentinel, node, shutdown } = view();
    const seen = { sentinel, ownNode: node, shutdown }[kind];
    const dueMs = (seen?.observedAtMs ?? -Infinity) + freshForMs;
    if (dueMs > timeline.nowMs) return dueMs - timeline.nowMs + 1;
    this.ask(kind);
    return Infinity;
  }

  ask(kind: HostQuestion["kind"]): void {
    const { timeline } = this.#parts;
    const askedAtMs = timeline.nowMs;
    this.#looking.add(kind);
    if (kind === "ownNode") this.#askNode(askedAtMs);
    else this.#soon(20, () => this.#askHost(kind, askedAtMs));
  }

  #askNode(askedAtMs: number): void {
    const { network, cluster, host, agent, sawNode } = this.#parts;
    network.send(agent, {
      write: false,
      apply: () => cluster.nodes.get(host.name),
      done: (node) => this.#answered("ownNode", () => sawNode(node, askedAtMs)),
      failed: () => this.#soon(1_000, () => this.#answered("ownNode", () => undefined)),
    });
  }

  #askHost(kind: "sentinel" | "shutdown", askedAtMs: number): void {
    const { host, timeline, saw } = this.#parts;
    const state = host.silent ? "unknown" : host.shutdownPending ? "yes" : "no";
    const sentinel = { need: host.need, evidence: `at ${askedAtMs}`, observedAtMs: askedAtMs };
    const seen = kind === "sentinel" ? { sentinel } : { shutdown: { state, observedAtMs: timeline.nowMs } as const };
    this.#answered(kind, () => saw(seen));
  }

  #answered(kind: HostQuestion["kind"], change: () => void): void {
    this.#looking.delete(kind);
    change();
    this.#parts.done();
  }

  #soon(delayMs: number, run: () => void): void {
    const { agent, timeline } = this.#parts;
    const { life } = agent;
    timeline.after(delayMs, () => {
      if (life === agent.life && agent.alive) run();
    });
  }
}
