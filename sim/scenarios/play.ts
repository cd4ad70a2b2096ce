import { at } from "../apiserver/objects/json.ts";
import { calm } from "../world/network/weather.ts";
import type { Mode } from "../world/options.ts";
import { lockText, nodeNamed } from "../world/reading.ts";
import { watchRules } from "../world/rules/every.ts";
import { unfinished } from "../world/rules/unfinished.ts";
import { World } from "../world/world.ts";
import { ScenarioError, type Happening, type Scenario } from "./scenario.ts";
import { Transcript } from "./transcript.ts";

/** What was seen of one scenario in one mode. */
export interface Performance {
  readonly transcript: readonly string[];
  /** Rules that were broken, processes that fell over, and what was to be done by the end and was not. */
  readonly faults: readonly string[];
}

/** By then all is done, or never. */
const longestMs = 12 * 3_600_000;
const lookEveryMs = 5_000;

/** Plays a scenario in one mode; throws a `ScenarioError` where something cannot happen. */
export async function play(scenario: Scenario, { mode }: { readonly mode: Mode }): Promise<Performance> {
  const transcript = new Transcript();
  const world = new World(
    {
      seed: 1,
      mode,
      nodes: scenario.nodes.map(({ controlPlane }) => ({ controlPlane, clockRate: 1, clockAheadMs: 0 })),
      flags: scenario.flags,
      mountsSentinel: true,
      troubleMs: 0,
      weather: { ...calm, slowestMs: 1 },
      crashes: [],
      mishaps: [],
      atSteps: 0,
    },
    (line) => transcript.hear(line),
  );
  watchRules(world);
  transcript.observe(world);
  for (const happening of scenario.happenings) {
    await world.timeline.runUntil(happening.atMs);
    happen(happening, { world, transcript });
  }
  const left = await finish(world, scenario);
  tellEnd(world, transcript);
  return { transcript: transcript.lines, faults: [...world.broken, ...left] };
}

interface Stage {
  readonly world: World;
  readonly transcript: Transcript;
}

function happen({ text, sentence, line }: Happening, { world, transcript }: Stage): void {
  transcript.tell("*", text);
  try {
    sentence.verb.happen(world, sentence.words);
  } catch (error) {
    throw new ScenarioError(line, error instanceof Error ? error.message : String(error));
  }
}

async function finish(world: World, { end }: Scenario): Promise<readonly string[]> {
  const { timeline } = world;
  if (end.kind === "at") {
    await timeline.runUntil(end.atMs);
    return [];
  }
  // What just happened has not been seen by anybody yet.
  do await timeline.runUntil(timeline.nowMs + lookEveryMs);
  while (unfinished(world).length > 0 && timeline.nowMs < longestMs);
  // And what is told afterwards.
  await timeline.runUntil(timeline.nowMs + 60_000);
  return unfinished(world);
}

/** How everything stands when the curtain falls. */
function tellEnd(world: World, transcript: Transcript): void {
  for (const { name, state, boots, sentinel } of world.machines.values()) {
    const cordoned = at(nodeNamed(name, world), "spec", "unschedulable") === true;
    const need = sentinel === "present" ? ", needs a reboot" : "";
    transcript.tell("end", `${name} is ${state}, boot ${boots}${cordoned ? ", cordoned" : ""}${need}`);
  }
  transcript.tell("end", `the lock is ${lockText(world) === undefined ? "free" : "there"}`);
}
