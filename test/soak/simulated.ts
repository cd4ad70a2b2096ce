import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { faultsOf } from "../../sim/world/batch.ts";
import { drawWorld } from "../../sim/world/draw.ts";
import type { MishapPlan, WorldOptions } from "../../sim/world/options.ts";
import { runWorld } from "../../sim/world/run.ts";
import type { Mode } from "../cases/one-node.ts";
import { courseOf, type Course, type Kind, type Sample } from "./memory.ts";

/** How a long world in virtual time ended. */
export interface SimulatedEnd {
  readonly reboots: number;
  /** Rules that were broken, and what was left undone. */
  readonly faults: readonly string[];
  /**
   * Of the heap that is in use after a collection: the cluster, its history and every process of kured; by virtual
   * time.
   */
  readonly heap: Course | undefined;
}

/** Some of it is the world's own: its cluster and its history. */
const inVirtualTime: Kind = { what: "held after a collection", riseLimitMegabytes: () => 2 };

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** One world of so many hours under fire, with the production code in it. */
export async function soakSimulated(
  mode: Mode,
  { hours, seed }: { readonly hours: number; readonly seed: number },
): Promise<SimulatedEnd> {
  const collect = collector();
  const samples: Sample[] = [];
  const ending = await runWorld(longWorld(mode, { hours, seed }), (line) => {
    const atMs = Number(line.slice(0, line.indexOf(" ")));
    if (atMs - (samples.at(-1)?.atMs ?? -Infinity) < 5 * minuteMs || atMs > hours * hourMs) return;
    collect();
    samples.push({ atMs, megabytes: process.memoryUsage().heapUsed / 2 ** 20 });
  });
  return {
    reboots: ending.counts["reboot: done"] ?? 0,
    faults: faultsOf(ending),
    heap: courseOf(samples, {
      ...inVirtualTime,
      process: `${mode}, simulated`,
      warmUpMs: (hours * hourMs) / 4,
      leastMs: minuteMs,
    }),
  };
}

/** Everything that heals by itself, all at once and often: nobody has to look after anything for hours. */
function longWorld(mode: Mode, { hours, seed }: { readonly hours: number; readonly seed: number }): WorldOptions {
  const node = { controlPlane: false, needAtMs: 0, clockRate: 1, clockAheadMs: 0 };
  return {
    ...drawWorld(seed, mode),
    nodes: [node, { ...node, clockRate: 1.0001 }, { ...node, clockAheadMs: 2_000 }],
    flags: ["--period=1m", "--annotate-nodes=true", "--prefer-no-schedule-taint=kured"],
    mountsSentinel: true,
    troubleMs: hours * hourMs,
    weather: {
      slowestMs: 50,
      lost: 0.005,
      unanswered: 0.005,
      told: 0.5,
      doubled: 0.005,
      late: 0.005,
      afterlife: 0.5,
      torn: 0.005,
    },
    crashes: [],
    mishaps: [...mishaps, ...(mode === "coordinated" ? ofCoordinators : [])],
    atSteps: 0.05,
  };
}

const mishaps: readonly MishapPlan[] = [
  { name: "a reboot is needed", everyMs: 2 * minuteMs },
  { name: "a daemon is killed", everyMs: 10 * minuteMs },
  { name: "a daemon is frozen", everyMs: 10 * minuteMs },
  { name: "the API server is away", everyMs: 30 * minuteMs },
  { name: "a storm of refusals", everyMs: 30 * minuteMs },
  { name: "watches are cut", everyMs: 10 * minuteMs },
  { name: "the history is compacted", everyMs: 10 * minuteMs },
];

const ofCoordinators: readonly MishapPlan[] = [
  { name: "a coordinator is killed", everyMs: 20 * minuteMs },
  { name: "a coordinator is frozen", everyMs: 20 * minuteMs },
];

/** A collection of everything, which Node gives only to those who ask for it by flag. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
