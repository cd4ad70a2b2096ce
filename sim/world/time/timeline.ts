/** Something that is to happen at an instant; `cancel` takes it back, also after it has happened. */
export interface Appointment {
  cancel(): void;
}

interface Entry {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** Noon of the day on which every world begins. */
const startWallMs = Date.UTC(2026, 4, 4, 12);

/**
 * Virtual time: what is due runs in order, everything that follows from it runs to its end, and only then comes the
 * next instant. Whole milliseconds, counted from the world's beginning.
 */
export class Timeline {
  nowMs = 0;
  #order = 0;
  #ran = 0;
  readonly #heap: Entry[] = [];

  /** The true wall time; machines' clocks show something else. */
  get wallMs(): number {
    return startWallMs + this.nowMs;
  }

  /** How many things have happened. */
  get ran(): number {
    return this.#ran;
  }

  /** Runs `run` after so many milliseconds; things of one instant run in the order in which they were asked for. */
  after(delayMs: number, run: () => void): Appointment {
    this.#order += 1;
    const entry: Entry = { atMs: this.nowMs + Math.max(0, Math.ceil(delayMs)), order: this.#order, run };
    this.#push(entry);
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
      const next = this.#heap[0];
      if (next === undefined || next.atMs > instantMs) {
        this.nowMs = instantMs;
        return;
      }
      this.#pop();
      const { run } = next;
      if (run === undefined) continue;
      this.nowMs = next.atMs;
      this.#ran += 1;
      run();
      await quiet();
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    heap.push(entry);
    let at = heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap[at], heap[parent])) break;
      swap(heap, at, parent);
      at = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
      if (!isBefore(heap[child], heap[at])) return;
      swap(heap, at, child);
      at = child;
    }
  }
}

/** One turn of the event loop drains every promise that follows from what has just happened, however many. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isBefore(one: Entry | undefined, other: Entry | undefined): boolean {
  if (one === undefined || other === undefined) return one !== undefined;
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

function swap(heap: Entry[], one: number, other: number): void {
  const [first, second] = [heap[one], heap[other]];
  if (first === undefined || second === undefined) return;
  heap[one] = second;
  heap[other] = first;
}
