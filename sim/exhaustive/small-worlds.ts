import type { Mode, NodeOptions, WorldOptions } from "../world/options.ts";
import type { Acts } from "./points.ts";

/** A world that is small enough for every death in it. */
export interface SmallWorld {
  readonly name: string;
  readonly options: WorldOptions;
  readonly acts: Acts;
  /** In every place where one process dies, or also in every place where a second one dies after it. */
  readonly deaths: 1 | 2;
}

/** What `npm test` has time for. */
export const smallest: readonly SmallWorld[] = [
  { name: "classic, two nodes", options: world("classic", "iw"), acts: "maintenance", deaths: 1 },
  { name: "coordinated, two nodes", options: world("coordinated", "iw"), acts: "maintenance", deaths: 1 },
];

/** What takes half an hour of one core. */
export const small: readonly SmallWorld[] = [
  { name: "classic, two nodes", options: world("classic", "iw"), acts: "every", deaths: 1 },
  { name: "coordinated, two nodes", options: world("coordinated", "iw"), acts: "every", deaths: 1 },
  { name: "classic, two nodes in need", options: world("classic", "ii"), acts: "every", deaths: 1 },
  { name: "coordinated, two nodes in need", options: world("coordinated", "ii"), acts: "every", deaths: 1 },
  { name: "classic, three nodes in need", options: world("classic", "iic"), acts: "every", deaths: 1 },
  { name: "coordinated, three nodes in need", options: world("coordinated", "iic"), acts: "every", deaths: 1 },
  { name: "classic, three nodes, two at once", options: world("classic", "iic", 2), acts: "every", deaths: 1 },
  { name: "coordinated, three nodes, two at once", options: world("coordinated", "iic", 2), acts: "every", deaths: 1 },
  { name: "classic, two nodes", options: world("classic", "iw"), acts: "maintenance", deaths: 2 },
  { name: "coordinated, two nodes", options: world("coordinated", "iw"), acts: "maintenance", deaths: 2 },
];

/** One letter for each node: `i` is a worker in need of a reboot, `w` one that needs none, `c` a control-plane node in need. */
function world(mode: Mode, letters: string, atOnce = 1): WorldOptions {
  return {
    // One whose machines boot fast: what happens meanwhile is mostly waiting.
    seed: 16,
    mode,
    nodes: Array.from(letters, (letter) => nodeOf(letter)),
    flags: [
      "--period=1m",
      "--reboot-deadline=5m",
      ...(mode === "classic" ? [`--concurrency=${atOnce}`] : [`--max-unavailable=${atOnce}`, "--lease-duration=60s"]),
    ],
    mountsSentinel: true,
    troubleMs: 0,
    weather: { slowestMs: 1, lost: 0, unanswered: 0, told: 0, doubled: 0, late: 0, afterlife: 0, torn: 0 },
    crashes: [],
    mishaps: [],
    atSteps: 0,
  };
}

function nodeOf(letter: string): NodeOptions {
  return {
    controlPlane: letter === "c",
    ...(letter !== "w" && { needAtMs: 10_000 }),
    clockRate: 1,
    clockAheadMs: 0,
  };
}
