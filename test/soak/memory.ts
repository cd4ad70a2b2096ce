import { usedBy } from "../../bench/stage/cpu.ts";
import type { Daemon } from "../controlplane/daemon.ts";
import { Heap } from "./heap.ts";

/** What one process held at one moment. */
export interface Sample {
  readonly atMs: number;
  /** Anonymous: shared by nobody, and to be read again from no file. */
  readonly megabytes: number;
}

/** How the memory of one process went, from after its warm-up to its end. */
export interface Course {
  /** The daemon, and which start of it. */
  readonly process: string;
  /** Which memory. */
  readonly what: string;
  readonly minutes: number;
  readonly firstMegabytes: number;
  readonly lastMegabytes: number;
  /** Of the line that fits best. */
  readonly megabytesPerMinute: number;
  /**
   * By how much it rises as a leak does, which goes on: twice what the flatter of the lines through the first and the
   * second half rises. What is kept for good when something is done for the first time is a step, and lies in one of
   * them.
   */
  readonly steadyRiseMegabytes: number;
  /** What rises by more than this, and goes on rising, is a leak. */
  readonly riseLimitMegabytes: number;
}

/** Which memory of a process, and by how much it may rise. */
export interface Kind {
  readonly what: string;
  readonly riseLimitMegabytes: (minutes: number) => number;
}

/**
 * What is left after a collection of everything: nothing breathes in it, so what goes on rising is kept. In the first
 * minutes everything is done for the first time, and its code stays.
 */
export const held: Kind = {
  what: "held after a collection",
  riseLimitMegabytes: (minutes) => (minutes < 4 ? 4 : 1),
};

/**
 * What the process has of the machine: also what the collector has not given back yet, and what is no JavaScript. In
 * less than four minutes a heap is still finding its size, and only a gross leak can be told from that.
 */
export const anonymous: Kind = { what: "anonymous memory", riseLimitMegabytes: (minutes) => (minutes < 4 ? 24 : 6) };

const heldEveryMs = 10_000;

/** Samples of every process, for as long as each lives. */
export class Memory {
  readonly #series = new Map<string, { readonly process: string; readonly kind: Kind; readonly samples: Sample[] }>();
  readonly #heaps = new Map<Daemon, { readonly heap: Heap; lookedAtMs: number }>();

  /** Notes what each daemon holds now; one that is not running is left out. */
  async look(daemons: ReadonlyMap<string, Daemon>): Promise<void> {
    await Promise.all(Array.from(daemons, ([name, daemon]) => this.#lookAt(name, daemon)));
  }

  /** Of every process that was measured for long enough, the steepest first. */
  courses(options: { readonly warmUpMs: number; readonly leastMs: number }): readonly Course[] {
    for (const { heap } of this.#heaps.values()) heap.stop();
    return Array.from(this.#series.values(), ({ process, kind, samples }) =>
      courseOf(samples, { process, ...kind, ...options }),
    )
      .filter((course) => course !== undefined)
      .toSorted((one, other) => other.steadyRiseMegabytes - one.steadyRiseMegabytes);
  }

  async #lookAt(name: string, daemon: Daemon): Promise<void> {
    const run = daemon.runs();
    const note = (kind: Kind, megabytes: number | undefined): void => {
      // It has died meanwhile, and perhaps another has begun.
      if (megabytes === undefined || !(megabytes > 0) || daemon.runs() !== run) return;
      const process = `${name} (start ${run})`;
      const key = `${process}: ${kind.what}`;
      const series = this.#series.get(key) ?? { process, kind, samples: [] };
      series.samples.push({ atMs: Date.now(), megabytes });
      this.#series.set(key, series);
    };
    const used = await usedBy(daemon).catch(() => undefined);
    note(anonymous, used?.anonymousMegabytes);
    const known = this.#heaps.get(daemon) ?? { heap: new Heap(daemon), lookedAtMs: -Infinity };
    this.#heaps.set(daemon, known);
    if (Date.now() - known.lookedAtMs < heldEveryMs) return;
    known.lookedAtMs = Date.now();
    note(held, await known.heap.heldMegabytes());
  }
}

/** What is measured, from when on, and how long it must have been. */
export interface CourseOptions extends Kind {
  readonly process: string;
  readonly warmUpMs: number;
  readonly leastMs: number;
}

/**
 * The lines of least squares through what came after the warm-up; `undefined` where that is too short to say anything.
 */
export function courseOf(
  samples: readonly Sample[],
  { process, what, riseLimitMegabytes, warmUpMs, leastMs }: CourseOptions,
): Course | undefined {
  const startMs = (samples[0]?.atMs ?? 0) + warmUpMs;
  const warm = samples.filter(({ atMs }) => atMs >= startMs);
  const [first, last] = [warm[0], warm.at(-1)];
  if (first === undefined || last === undefined || last.atMs - first.atMs < leastMs) return undefined;
  const minutes = (last.atMs - first.atMs) / minuteMs;
  const middleMs = (first.atMs + last.atMs) / 2;
  const halves = [warm.filter(({ atMs }) => atMs <= middleMs), warm.filter(({ atMs }) => atMs >= middleMs)];
  const megabytesPerMinute = slope(warm);
  return {
    process,
    what,
    minutes,
    firstMegabytes: first.megabytes,
    lastMegabytes: last.megabytes,
    megabytesPerMinute,
    steadyRiseMegabytes: Math.min(...halves.map(slope)) * minutes,
    riseLimitMegabytes: riseLimitMegabytes(minutes),
  };
}

const minuteMs = 60_000;

/** Of the line that fits best, in megabytes a minute; 0 where there is no line. */
function slope(samples: readonly Sample[]): number {
  const points = samples.map(({ atMs, megabytes }) => ({ x: atMs / minuteMs, y: megabytes }));
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  const covariance = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return variance > 0 ? covariance / variance : 0;
}
