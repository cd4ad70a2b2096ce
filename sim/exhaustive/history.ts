import type { LoggedRequest } from "../apiserver/server.ts";
import { lookAfter } from "../world/faults/mending.ts";
import type { CommandMode } from "../world/hosts/machine.ts";
import type { WorldOptions } from "../world/options.ts";
import { unfinished } from "../world/rules/unfinished.ts";
import { watchRules } from "../world/rules/every.ts";
import { writerOf } from "../world/authors/writer.ts";
import { World } from "../world/world.ts";
import { PlannedDeaths, type Acts, type CrashPoint, type Reached } from "./points.ts";

/** Which processes die, and who listens to the story. */
export interface Deaths {
  readonly points: readonly CrashPoint[];
  readonly acts: Acts;
  /** What the command to reboot does on every machine. */
  readonly command: CommandMode;
  readonly listen?: (line: string) => void;
}

/** How one world went in which processes died at planned points. */
export interface History {
  readonly points: readonly CrashPoint[];
  readonly deaths: readonly string[];
  /** Broken rules, processes that fell over, and what was never finished. */
  readonly faults: readonly string[];
  /** Somebody had to look after a node, as its verdict asked. */
  readonly helped: boolean;
  /** How often processes came to each moment of a write, at the last death and at the end. */
  readonly reached: { readonly atLast: Reached; readonly atEnd: Reached };
  /** What happened after the last death, as those saw it who were written to. */
  readonly witnessed: Witnessed;
  readonly simulatedMs: number;
}

/** Acts of our processes, counted where they arrive. */
export interface Witnessed {
  /** Writes that the API server has answered, refused or not. */
  readonly writes: number;
  /** Commands to reboot that machines were given. */
  readonly commands: number;
}

const lookEveryMs = 5_000;
/** The writes after the last one that matters: what is told, and what is forgotten. */
const settleMs = 10_000;
/** By then kured has done everything that it does without help. */
const aloneMs = 20 * 60_000;
const helpedMs = 3 * 3_600_000;

/** Runs this world with these deaths in it, until everything is done. */
export async function historyOf(options: WorldOptions, { points, acts, command, listen }: Deaths): Promise<History> {
  const world = new World(options, listen);
  let witnessed: Witnessed = { writes: 0, commands: 0 };
  const plan = new PlannedDeaths(points, { acts, died: () => (witnessed = { writes: 0, commands: 0 }) });
  world.crashPlan = plan;
  for (const machine of world.machines.values()) machine.mode = command;
  world.observers.push({
    answered: (request) => {
      if (isWitnessed(request, acts)) witnessed = { ...witnessed, writes: witnessed.writes + 1 };
    },
    rebootAsked: () => (witnessed = { ...witnessed, commands: witnessed.commands + 1 }),
  });
  watchRules(world);
  const { left, helped } = await finish(world, lastNeedMs(options));
  return {
    points,
    deaths: plan.deaths,
    faults: [...world.broken, ...left.map((what) => `rule 9: ${what}`)],
    helped,
    reached: { atLast: plan.reachedAtLast, atEnd: plan.reached },
    witnessed,
    simulatedMs: world.timeline.nowMs,
  };
}

/** By the method and the path alone, so that nothing is counted by what it is to be compared with. */
function isWitnessed({ user, method, path }: LoggedRequest, acts: Acts): boolean {
  if (writerOf(user) !== "ours" || method === "GET" || path.includes("/selfsubjectaccessreviews")) return false;
  return acts === "every" || !/\/(events|leases)\b/.test(path);
}

async function finish(
  world: World,
  fromMs: number,
): Promise<{ readonly left: readonly string[]; readonly helped: boolean }> {
  const isBroken = (): boolean => world.broken.length > 0;
  const { timeline } = world;
  await timeline.runUntil(fromMs, isBroken);
  let left = unfinished(world);
  while (left.length > 0 && timeline.nowMs < helpedMs && !isBroken()) {
    if (timeline.nowMs > aloneMs) lookAfter(world);
    await timeline.runUntil(timeline.nowMs + lookEveryMs, isBroken);
    left = unfinished(world);
  }
  const helped = timeline.nowMs > aloneMs;
  await timeline.runUntil(timeline.nowMs + settleMs, isBroken);
  return { left: isBroken() ? [] : left, helped };
}

function lastNeedMs({ nodes }: WorldOptions): number {
  return Math.max(...nodes.map(({ needAtMs = 0 }) => needAtMs)) + 1;
}
