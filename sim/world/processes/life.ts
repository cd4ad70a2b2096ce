/** How a process is. */
export type LifeState = "running" | "frozen" | "dead";

/**
 * What stands between a process and everything outside it. A process goes on only when one of its ports settles, so
 * one that is dead or frozen is one whose ports do not settle: nothing of it runs, no `finally` either, as after a
 * kill -9 or during a SIGSTOP.
 */
export class Life {
  #state: LifeState = "running";
  readonly #waiting: (() => void)[] = [];
  readonly #mourners: (() => void)[] = [];

  get state(): LifeState {
    return this.#state;
  }

  /** Lets the process see something: now, when it thaws, or never. */
  deliver(news: () => void): void {
    if (this.#state === "running") news();
    else if (this.#state === "frozen") this.#waiting.push(news);
  }

  freeze(): void {
    if (this.#state === "running") this.#state = "frozen";
  }

  /** What came meanwhile is seen all at once, in its order. */
  thaw(): void {
    if (this.#state !== "frozen") return;
    this.#state = "running";
    for (const news of this.#waiting.splice(0)) this.deliver(news);
  }

  /** Its connections and timers go with it. */
  kill(): void {
    if (this.#state === "dead") return;
    this.#state = "dead";
    this.#waiting.length = 0;
    for (const mourn of this.#mourners.splice(0)) mourn();
  }

  /** Calls `mourn` once when the process dies; the answer takes that back. */
  onDeath(mourn: () => void): () => void {
    this.#mourners.push(mourn);
    return () => {
      const at = this.#mourners.indexOf(mourn);
      if (at >= 0) this.#mourners.splice(at, 1);
    };
  }

  /** Settles as `work` does, as far as the process lives to see it. */
  watch<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(
        (value) => this.deliver(() => resolve(value)),
        (error: unknown) => this.deliver(() => reject(error)),
      );
    });
  }
}
