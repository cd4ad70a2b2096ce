/** What a world has come through, counted by kind and name: faults, phases, verdicts, crash points. */
export class Coverage {
  readonly #counts = new Map<string, number>();

  count(kind: CoverageKind, name: string): void {
    const key = `${kind}: ${name}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Adds what another world came through. */
  add(counts: Readonly<Record<string, number>>): void {
    for (const [key, count] of Object.entries(counts)) this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
  }

  /** Sorted by name. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].toSorted(([one], [other]) => (one < other ? -1 : 1)));
  }
}

/** What is counted. */
export type CoverageKind = "fault" | "phase" | "verdict" | "crash" | "reboot" | "act" | "window";
