import type { Living } from "./network.ts";
import type { Timeline } from "./timeline.ts";

/** When a process takes its next turn: at the earliest instant that it was woken for, and never after its death. */
export class Turns {
  readonly #living: Living;
  readonly #timeline: Timeline;
  readonly #turn: () => void;
  #dueMs = Infinity;

  constructor(living: Living, { timeline, turn }: { readonly timeline: Timeline; readonly turn: () => void }) {
    this.#living = living;
    this.#timeline = timeline;
    this.#turn = turn;
  }

  /** A new life, in which nothing is due. */
  forget(): void {
    this.#dueMs = Infinity;
  }

  wake(delayMs: number): void {
    const living = this.#living;
    const timeline = this.#timeline;
    const dueMs = timeline.nowMs + delayMs;
    if (!living.alive || this.#dueMs <= dueMs) return;
    this.#dueMs = dueMs;
    const { life } = living;
    timeline.after(delayMs, () => {
      if (life !== living.life || !living.alive || this.#dueMs > timeline.nowMs) return;
      this.#dueMs = Infinity;
      this.#turn();
    });
  }
}
