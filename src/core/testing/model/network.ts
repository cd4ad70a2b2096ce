import type { Timeline } from "./timeline.ts";

/** A process that may die: what it was told before is not told to its successor. */
export interface Living {
  readonly name: string;
  /** Counts its lives. */
  life: number;
  alive: boolean;
}

/** How often requests go wrong, each from 0 to 1. */
export interface Trouble {
  /** Applied, but the answer never arrives. */
  readonly lost: number;
  /** Refused or cut off before anything was applied. */
  readonly refused: number;
  /** No answer; applied long after the sender has given up. */
  readonly late: number;
}

/** Where a process is killed: at the n-th write of the whole history, before or after it is applied. */
export interface Kill {
  readonly atWrite: number;
  readonly applied: boolean;
}

/** Brings requests to the API server and answers back, or not. */
export class Network {
  trouble: Trouble = { lost: 0, refused: 0, late: 0 };
  outageUntilMs = -Infinity;
  readonly kills: Kill[] = [];
  writes = 0;
  reads = 0;
  readonly #timeline: Timeline;
  readonly #chance: () => number;
  readonly #kill: (victim: Living) => void;

  constructor(timeline: Timeline, { chance, kill }: { chance: () => number; kill: (victim: Living) => void }) {
    this.#timeline = timeline;
    this.#chance = chance;
    this.#kill = kill;
  }

  /** Sends one request. `done` or `failed` is told to the sender if it still lives then; exactly one of them. */
  send<R>(
    sender: Living,
    { write, apply, done, failed }: { write: boolean; apply: () => R; done: (result: R) => void; failed: () => void },
  ): void {
    if (!write) this.reads += 1;
    const { life } = sender;
    const lives = (): boolean => sender.alive && sender.life === life;
    const tell = (delayMs: number, what: () => void): void =>
      this.#timeline.after(delayMs, () => {
        if (lives()) what();
      });
    this.#timeline.after(this.#latencyMs(), () => {
      if (this.outageUntilMs > this.#timeline.nowMs) return tell(0, failed);
      const kill = write ? this.#killNow() : undefined;
      if (kill && lives() && !kill.applied) return this.#kill(sender);
      const fate = this.#chance();
      const { lost, refused, late } = this.trouble;
      if (fate < refused) return tell(this.#latencyMs(), failed);
      if (write && fate < refused + late) {
        this.#timeline.after(lateAfterMs + this.#chance() * lateForMs, apply);
        return tell(answerWithinMs, failed);
      }
      const result = apply();
      if (kill && lives()) return this.#kill(sender);
      if (fate < refused + late + lost) tell(answerWithinMs, failed);
      else tell(this.#latencyMs(), () => done(result));
    });
  }

  #killNow(): Kill | undefined {
    this.writes += 1;
    return this.kills.find(({ atWrite }) => atWrite === this.writes);
  }

  #latencyMs(): number {
    return 5 + this.#chance() * 60;
  }
}

const answerWithinMs = 4_000;
const lateAfterMs = 4_500;
/** A request may still be applied this long after its sender has given up. */
const lateForMs = 15_000;
