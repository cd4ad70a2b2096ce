import { Agent } from "./agent/agent.ts";
import { Decider } from "./decider/decider.ts";
import type { Host } from "./agent/host.ts";
import type { Living } from "./network.ts";
import type { Timeline } from "./timeline.ts";

/** What there is to kill and to elect. */
export interface ProcessesParts {
  readonly mode: "coordinated" | "classic";
  readonly timeline: Timeline;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly deciders: readonly Decider[];
  readonly chance: () => number;
  readonly note: (what: string) => void;
}

/** Which processes live, and which of two coordinators leads. */
export class Processes {
  readonly #parts: ProcessesParts;
  #term = 0;

  constructor(parts: ProcessesParts) {
    this.#parts = parts;
  }

  /** A process is killed, with everything that dies with it, and comes back after a while. */
  kill(victim: Living): void {
    const { mode, timeline, chance, note } = this.#parts;
    note(`${victim.name} is killed`);
    const dying = this.#oneProcess(victim);
    for (const part of dying) {
      if (part instanceof Decider) part.alive = false;
      else part.die();
    }
    timeline.after(2_000 + chance() * 8_000, () => {
      for (const part of dying) if (!part.alive) part.start();
      this.#electAny();
    });
    if (mode === "classic" || !(victim instanceof Decider)) return;
    victim.leadership = { kind: "following", holder: "" };
    timeline.after(15_000, () => this.#electAny());
  }

  /** In classic mode the agent and the decider of a node are one process. */
  #oneProcess(victim: Living): readonly (Agent | Decider)[] {
    const { mode, hosts, deciders } = this.#parts;
    if (!(victim instanceof Agent || victim instanceof Decider)) return [];
    if (mode === "coordinated") return [victim];
    const name = victim instanceof Decider ? victim.own : victim.host.name;
    const agent = victim instanceof Agent ? victim : hosts.get(name ?? "")?.agent;
    const decider = deciders.find(({ own }) => own === name);
    return [...(agent instanceof Agent ? [agent] : []), ...(decider ? [decider] : [])];
  }

  #electAny(): void {
    const { deciders } = this.#parts;
    const living = deciders.findIndex(({ alive }) => alive);
    if (!deciders.some(leads)) this.elect(living, { overlapMs: 0 });
  }

  /** A coordinator is elected; the one before believes for so long that it still leads. */
  elect(index: number, { overlapMs }: { overlapMs: number }): void {
    const { deciders, mode, note } = this.#parts;
    const next = deciders[index];
    if (next === undefined || mode === "classic") return;
    this.#term += 1;
    note(`${next.name} leads term ${this.#term}`);
    for (const other of deciders) if (other !== next && leads(other)) this.#depose(other, { by: next.name, overlapMs });
    next.lead({ kind: "leading", term: this.#term, untilMs: Infinity });
  }

  #depose(leader: Decider, { by: holder, overlapMs }: { by: string; overlapMs: number }): void {
    const { timeline } = this.#parts;
    const { leadership, life } = leader;
    if (leadership.kind !== "leading") return;
    leader.lead({ ...leadership, untilMs: timeline.nowMs + overlapMs });
    timeline.after(overlapMs, () => {
      const now = leader.leadership;
      if (leader.life !== life || now.kind !== "leading" || now.untilMs > timeline.nowMs) return;
      leader.lead({ kind: "following", holder });
    });
  }
}

function leads({ alive, leadership }: Decider): boolean {
  return alive && leadership.kind === "leading";
}
