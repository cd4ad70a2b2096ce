import type { CommandMode } from "../world/hosts/machine.ts";
import type { Mode, NodeOptions, WorldOptions } from "../world/options.ts";
import type { Acts } from "./points.ts";

/** A world that is small enough for every death in it. */
export interface SmallWorld {
  readonly name: string;
  readonly options: WorldOptions;
  readonly acts: Acts;
  /** What the command to reboot does on every machine. */
  readonly command: CommandMode;
  /** In every place where one process dies, or also in every place where a second one dies after it. */
  readonly deaths: 1 | 2;
}

/** What `npm test` has time for. */
export const smallest: readonly SmallWorld[] = [
  inMode("classic", { acts: "maintenance" }),
  inMode("coordinated", { acts: "maintenance" }),
];

/** What takes an hour of one core. */
export const small: readonly SmallWorld[] = (["classic", "coordinated"] as const).flatMap((mode) => [
  inMode(mode, {}),
  inMode(mode, { nodes: "ii" }),
  inMode(mode, { nodes: "iic" }),
  inMode(mode, { nodes: "iic", atOnce: 2 }),
  inMode(mode, { command: "slow", acts: "maintenance" }),
  inMode(mode, { command: "failsAndReboots", acts: "maintenance" }),
  inMode(mode, { command: "hangsAndReboots", acts: "maintenance" }),
  inMode(mode, { acts: "maintenance", deaths: 2 }),
]);

interface Chosen {
  /**
   * One letter for each node: `i` is a worker in need of a reboot, `w` one that needs none, `c` is of the control
   * plane.
   */
  readonly nodes?: string;
  readonly atOnce?: number;
  readonly acts?: Acts;
  readonly command?: CommandMode;
  readonly deaths?: 1 | 2;
}

function inMode(
  mode: Mode,
  { nodes = "iw", atOnce = 1, acts = "every", command = "works", deaths = 1 }: Chosen,
): SmallWorld {
  const inNeed = Array.from(nodes).filter((letter) => letter !== "w").length;
  const name = [
    `${mode}, ${inNeed} of ${nodes.length} nodes in need`,
    ...(atOnce === 1 ? [] : [`${atOnce} at once`]),
    ...(command === "works" ? [] : [`the command: ${command}`]),
  ].join(", ");
  return { name, options: world(mode, nodes, atOnce), acts, command, deaths };
}

function world(mode: Mode, letters: string, atOnce: number): WorldOptions {
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
