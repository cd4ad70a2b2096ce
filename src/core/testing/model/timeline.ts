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

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Virtual time: what is due runs in order, and nothing else ever happens. */
export class Timeline {
  nowMs: number;
  #order = 0;
  readonly #heap: Entry[] = [];

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
    this.#push({ atMs: this.nowMs + Math.max(0, delayMs), order: this.#order, run });
  }

  /** Runs everything that is due until that instant; answers how many things ran. */
  runUntil(instantMs: number): number {
    let count = 0;
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > instantMs) break;
      this.#pop();
      this.nowMs = next.atMs;
      next.run();
      count += 1;
    }
    this.nowMs = instantMs;
    return count;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    heap.push(entry);
    let at = heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(heap[at], heap[parent])) break;
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
      const child = before(heap[left + 1], heap[left]) ? left + 1 : left;
      if (!before(heap[child], heap[at])) return;
      swap(heap, at, child);
      at = child;
    }
  }
}

const wallAheadMs = Date.UTC(2026, 4, 5);

function before(one: Entry | undefined, other: Entry | undefined): boolean {
  if (one === undefined || other === undefined) return one !== undefined;
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

function swap(heap: Entry[], one: number, other: number): void {
  const [first, second] = [heap[one], heap[other]];
  if (first === undefined || second === undefined) return;
  heap[one] = second;
  heap[other] = first;
}
