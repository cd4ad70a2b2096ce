import { Agenda } from "../../../src/core/testing/agenda.ts";
import type { Due } from "../../../src/core/testing/agenda.ts";

/** Something that is to happen at an instant; `cancel` takes it back, also after it has happened. */
export interface Appointment {
  cancel(): void;
}

interface Entry extends Due {
  run: (() => void) | undefined;
}

/** Noon of the Monday on which worlds begin unless they are told. */
const noonMs = Date.UTC(2026, 4, 4, 12);

/**
 * Virtual time: what is due runs in order, everything that follows from it runs to its end, and only then comes the
 * next instant. Whole milliseconds, counted from the world's beginning.
 */
export class Timeline {
  nowMs = 0;
  readonly #startWallMs: number;
  readonly #grainMs: number;
  #order = 0;
  #ran = 0;
  readonly #agenda = new Agenda<Entry>();

  /**
   * With a grain of more than a millisecond everything waits for the next of such instants, and comes together there.
   */
  constructor(startWallMs: number = noonMs, grainMs = 1) {
    this.#startWallMs = startWallMs;
    this.#grainMs = grainMs;
  }

  /** The true wall time; machines' clocks show something else. */
  get wallMs(): number {
    return this.#startWallMs + this.nowMs;
  }

  /** How many things have happened. */
  get ran(): number {
    return this.#ran;
  }

  /** Runs `run` after so many milliseconds; things of one instant run in the order in which they were asked for. */
  after(delayMs: number, run: () => void): Appointment {
    this.#order += 1;
    const dueMs = this.nowMs + Math.max(0, Math.ceil(delayMs));
    const entry: Entry = { atMs: Math.ceil(dueMs / this.#grainMs) * this.#grainMs, order: this.#order, run };
    this.#agenda.add(entry);
    return {
      cancel: () => {
        entry.run = undefined;
      },
    };
  }

  /** Lets everything happen until that instant, or until `until` says so. */
  async runUntil(instantMs: number, until: () => boolean = () => false): Promise<void> {
    await quiet();
    while (!until()) {
      const next = this.#agenda.next;
      if (next === undefined || next.atMs > instantMs) {
        this.nowMs = instantMs;
        return;
      }
      if (this.#happens(next)) await quiet();
    }
  }

  /** One thing, or all that come together with it; answers whether any of them had not been taken back. */
  #happens(first: Entry): boolean {
    const last = this.#grainMs > 1 ? this.#order : first.order;
    const before = this.#ran;
    for (
      let next: Entry | undefined = first;
      next?.atMs === first.atMs && next.order <= last;
      next = this.#agenda.next
    ) {
      this.#agenda.removeNext();
      if (next.run === undefined) continue;
      this.nowMs = next.atMs;
      this.#ran += 1;
      next.run();
    }
    return this.#ran > before;
  }
}

/** One turn of the event loop drains every promise that follows from what has just happened, however many. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
