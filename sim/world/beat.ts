import type { Cluster } from "../cluster/cluster.ts";
import type { Appointment, Timeline } from "./time/timeline.ts";

/** What is let act, and what looks at the result. */
export interface BeatParts {
  readonly timeline: Timeline;
  readonly cluster: Cluster;
  /** Called after each step. */
  readonly stepped: () => void;
}

const reactionMs = 150;
const busyEveryMs = 1_000;
const busyForMs = 12_000;
const idleEveryMs = 30_000;

/** Lets a cluster's own controllers act: soon after something changed, and now and then, for what time alone brings. */
export class Beat {
  readonly #parts: BeatParts;
  #next: Appointment | undefined;
  #nextAtMs = Infinity;
  #busyUntilMs = 0;

  constructor(parts: BeatParts) {
    this.#parts = parts;
    this.changed();
  }

  /** Something changed that a controller might care for. */
  changed(): void {
    const { timeline } = this.#parts;
    this.#busyUntilMs = timeline.nowMs + busyForMs;
    this.#schedule(reactionMs);
  }

  #schedule(inMs: number): void {
    const { timeline } = this.#parts;
    if (this.#nextAtMs <= timeline.nowMs + inMs) return;
    this.#next?.cancel();
    this.#nextAtMs = timeline.nowMs + inMs;
    this.#next = timeline.after(inMs, () => this.#step());
  }

  #step(): void {
    const { timeline, cluster, stepped } = this.#parts;
    this.#nextAtMs = Infinity;
    cluster.step();
    stepped();
    this.#schedule(timeline.nowMs < this.#busyUntilMs ? busyEveryMs : idleEveryMs);
  }
}
