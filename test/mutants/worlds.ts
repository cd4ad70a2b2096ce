import { basename } from "node:path";
import { letThingsHappen } from "../../sim/world/faults/happening.ts";
import { lookAfter, mend } from "../../sim/world/faults/mending.ts";
import { calm, type Weather } from "../../sim/world/network/weather.ts";
import type { NodeOptions, WorldOptions } from "../../sim/world/options.ts";
import { watchRules } from "../../sim/world/rules/every.ts";
import { unfinished } from "../../sim/world/rules/unfinished.ts";
import { World } from "../../sim/world/world.ts";

// Run inside a copy of the tree with a planted bug: node worlds.ts OPTIONS classic:3 coordinated:7. A world has nothing
// but what OPTIONS (JSON) puts into it: fine weather, two nodes that need a reboot at once, no mishaps. So it stays
// what it is when the simulator learns new faults. For each world a line of JSON tells who complained. Unlike in the
// simulator itself a world goes on after a complaint, so that a rule that is alone with it is known to be alone.

/** What makes a world another one than the plain one. Nodes, weather and flags are added to what is there. */
interface Given extends Omit<Partial<WorldOptions>, "nodes" | "weather"> {
  readonly nodes?: readonly Partial<NodeOptions>[];
  readonly weather?: Partial<Weather>;
}

/** What the rules said of one world. */
export interface Heard {
  readonly world: string;
  /** Names of the files in sim/world/rules that complained; `crash` where a process fell over. */
  readonly checkers: readonly string[];
  /** The first complaint. */
  readonly first: string;
}

const healthyMs = 3 * 3_600_000;
const lookEveryMs = 15_000;

function optionsOf(name: string, { nodes = [{}, {}], weather, flags = [], ...given }: Given): WorldOptions {
  const [mode, seed] = name.split(":");
  const plain = { controlPlane: false, needAtMs: 0, clockRate: 1, clockAheadMs: 0 };
  return {
    seed: Number(seed),
    mode: mode === "classic" ? "classic" : "coordinated",
    nodes: nodes.map((node) => ({ ...plain, ...node })),
    flags: ["--period=1m", "--reboot-deadline=5m", ...flags],
    mountsSentinel: true,
    troubleMs: 1_200_000,
    weather: { ...calm, ...weather },
    crashes: [],
    mishaps: [],
    atSteps: 0,
    ...given,
  };
}

async function hear(options: WorldOptions, name: string): Promise<Heard> {
  const world = new World(options);
  const checkers = new Set<string>();
  const complain = world.break.bind(world);
  world.break = (rule, what) => {
    checkers.add(callerName(new Error("").stack ?? ""));
    if (world.broken.length < 100) complain(rule, what);
  };
  watchRules(world);
  const trouble = letThingsHappen(world);
  await world.timeline.runUntil(options.troubleMs, () => false);
  trouble.stop();
  mend(world);
  const endMs = world.timeline.nowMs + healthyMs;
  let left: readonly string[] = [];
  do {
    await world.timeline.runUntil(world.timeline.nowMs + lookEveryMs, () => false);
    left = unfinished(world);
    lookAfter(world);
  } while (left.length > 0 && world.timeline.nowMs < endMs);
  if (left.length > 0) checkers.add("unfinished");
  return { world: name, checkers: [...checkers].toSorted(), first: [...world.broken, ...left][0] ?? "" };
}

/** The file of the rule that complained. */
function callerName(stack: string): string {
  const path = /\/sim\/world\/rules\/[\w-]+\.ts/.exec(stack)?.[0];
  return path === undefined ? "crash" : basename(path, ".ts");
}

const [, , given = "{}", ...names] = process.argv;
for (const name of names)
  process.stdout.write(`${JSON.stringify(await hear(optionsOf(name, JSON.parse(given) as Given), name))}\n`);
