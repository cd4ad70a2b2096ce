import type { Now } from "../../../src/core/now.ts";
import type { Timeline } from "./timeline.ts";

/** How wrong a machine's clocks are. */
export interface ClockError {
  /** What passes on the machine while one second passes: 1 is right. */
  readonly rate: number;
  /** How far its wall clock is ahead at the beginning. */
  readonly aheadMs: number;
}

/** A machine's own clocks: they drift, and its wall clock is set by people and by NTP. */
export class MachineTime {
  readonly #timeline: Timeline;
  readonly #rate: number;
  #aheadMs: number;
  #bootedAtMs: number;

  constructor(timeline: Timeline, { rate, aheadMs }: ClockError) {
    this.#timeline = timeline;
    this.#rate = rate;
    this.#aheadMs = aheadMs;
    // As if it had run for a while, so that nobody takes monotonic time for the world's own.
    this.#bootedAtMs = timeline.nowMs - 777_000;
  }

  now(): Now {
    return { wallMs: this.#wallAt(this.#timeline.nowMs), monotonicMs: this.#monotonicAt(this.#timeline.nowMs) };
  }

  /** How long it takes in true time until so much has passed here; never too short. */
  delayOf(durationMs: number): number {
    const dueMs = this.now().monotonicMs + Math.max(0, durationMs);
    let delayMs = Math.ceil(Math.max(0, durationMs) / this.#rate);
    while (this.#monotonicAt(this.#timeline.nowMs + delayMs) < dueMs) delayMs += 1;
    return delayMs;
  }

  /** Monotonic time begins anew. */
  booted(): void {
    this.#bootedAtMs = this.#timeline.nowMs - 5_000;
  }

  /** Somebody sets the wall clock. */
  jump(byMs: number): void {
    this.#aheadMs += byMs;
  }

  /** NTP makes it right, apart from the drift. */
  correct(): void {
    this.#aheadMs = 0;
  }

  #wallAt(nowMs: number): number {
    return Math.round(this.#timeline.wallMs + this.#aheadMs + nowMs * (this.#rate - 1));
  }

  #monotonicAt(nowMs: number): number {
    return (nowMs - this.#bootedAtMs) * this.#rate;
  }
}
