import { usedBy } from "../../bench/stage/cpu.ts";
import type { Daemon } from "../controlplane/daemon.ts";

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
  readonly minutes: number;
  readonly firstMegabytes: number;
  readonly lastMegabytes: number;
  /** Of the line that fits best. */
  readonly megabytesPerMinute: number;
  /** By how much that line rises in all. */
  readonly riseMegabytes: number;
}

/**
 * A line that rises by more is a leak. A heap breathes by a few megabytes, so less says nothing; the longer a soak, the
 * smaller the leak that this finds: in eight measured minutes three quarters of a megabyte a minute. In less than four a
 * heap is still finding its size, and only a gross leak can be told from that.
 */
export function riseLimitMegabytes(minutes: number): number {
  return minutes < 4 ? 24 : 6;
}

/** Samples of every process, for as long as each lives. */
export class Memory {
  readonly #samples = new Map<string, Sample[]>();

  /** Notes what each daemon holds now; one that is not running is left out. */
  async look(daemons: ReadonlyMap<string, Daemon>): Promise<void> {
    for (const [name, daemon] of daemons) {
      const run = daemon.runs();
      const used = await usedBy(daemon).catch(() => undefined); // It has just died.
      if (used === undefined || !(used.anonymousMegabytes > 0) || daemon.runs() !== run) continue;
      const process = `${name} (start ${run})`;
      const samples = this.#samples.get(process) ?? [];
      samples.push({ atMs: Date.now(), megabytes: used.anonymousMegabytes });
      this.#samples.set(process, samples);
    }
  }

  /** Of every process that was measured for long enough, the steepest first. */
  courses(options: { readonly warmUpMs: number; readonly leastMs: number }): readonly Course[] {
    return Array.from(this.#samples, ([process, samples]) => courseOf(samples, { process, ...options }))
      .filter((course) => course !== undefined)
      .toSorted((one, other) => other.riseMegabytes - one.riseMegabytes);
  }
}

/** The line of least squares through what came after the warm-up; `undefined` where that is too short to say anything. */
export function courseOf(
  samples: readonly Sample[],
  { process, warmUpMs, leastMs }: { readonly process: string; readonly warmUpMs: number; readonly leastMs: number },
): Course | undefined {
  const startMs = (samples[0]?.atMs ?? 0) + warmUpMs;
  const warm = samples.filter(({ atMs }) => atMs >= startMs);
  const [first, last] = [warm[0], warm.at(-1)];
  if (first === undefined || last === undefined || last.atMs - first.atMs < leastMs) return undefined;
  const minutes = (last.atMs - first.atMs) / 60_000;
  const points = warm.map(({ atMs, megabytes }) => ({ x: (atMs - first.atMs) / 60_000, y: megabytes }));
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  const covariance = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const megabytesPerMinute = covariance / variance;
  return {
    process,
    minutes,
    firstMegabytes: first.megabytes,
    lastMegabytes: last.megabytes,
    megabytesPerMinute,
    riseMegabytes: megabytesPerMinute * minutes,
  };
}
