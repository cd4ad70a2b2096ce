/** Something due at an instant; of one instant, the smaller `order` comes first. */
export interface Due {
  readonly atMs: number;
  readonly order: number;
}

/** What is still to happen in virtual time, the next thing first (a binary heap). */
export class Agenda<Entry extends Due> {
  readonly #heap: Entry[] = [];

  /** What comes next; `undefined` when nothing more is to happen. */
  get next(): Entry | undefined {
    return this.#heap[0];
  }

  /** Takes it up among the rest. */
  add(entry: Entry): void {
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

  /** Drops what `next` says. */
  removeNext(): void {
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

function isBefore(one: Due | undefined, other: Due | undefined): boolean {
  if (one === undefined || other === undefined) return one !== undefined;
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

function swap<Entry>(heap: Entry[], one: number, other: number): void {
  const [first, second] = [heap[one], heap[other]];
  if (first === undefined || second === undefined) return;
  heap[one] = second;
  heap[other] = first;
}
