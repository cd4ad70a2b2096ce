import { Agenda } from "../agenda.ts";
import type { Due } from "../agenda.ts";

/** Chance that can be repeated: the same seed gives the same numbers, each in [0, 1). */
export function dice(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Entry extends Due {
  readonly run: () => void;
}

/** Virtual time: what is due runs in order, and nothing else ever happens. */
export class Timeline {
  nowMs: number;
  #order = 0;
  readonly #agenda = new Agenda<Entry>();

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  /** The wall clock that goes with `nowMs`, which is monotonic; far apart, so that no mistake between them hides. */
  get wallMs(): number {
    return this.nowMs + wallAheadMs;
  }

  /** Runs `run` after so many milliseconds; things of one instant run in the order in which they were asked for. */
  after(delayMs: number, run: () => void): void {
    this.#order += 1;
    this.#agenda.add({ atMs: this.nowMs + Math.max(0, delayMs), order: this.#order, run });
  }

  /** Runs everything that is due until that instant; answers how many things ran. */
  runUntil(instantMs: number): number {
    let count = 0;
    for (;;) {
      const next = this.#agenda.next;
      if (next === undefined || next.atMs > instantMs) break;
      this.#agenda.removeNext();
      this.nowMs = next.atMs;
      next.run();
      count += 1;
    }
    this.nowMs = instantMs;
    return count;
  }
}

const wallAheadMs = Date.UTC(2026, 4, 5);
