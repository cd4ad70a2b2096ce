import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Mode } from "../world/options.ts";
import { play } from "./play.ts";
import { parseScenario, ScenarioError } from "./scenario.ts";

/** A scenario's file: what is to happen, and below a line for each mode what is to be seen. */
export interface ScenarioFile {
  readonly name: string;
  readonly path: string;
  readonly script: string;
  /** By mode, as written down. */
  readonly transcripts: ReadonlyMap<string, string>;
}

/** Where a mode's transcript begins. */
const heading = /^=== (\w+)$/;

/** Every scenario of the folder, by name. */
export function scenarioFiles(): readonly ScenarioFile[] {
  const folder = join(import.meta.dirname, "incidents");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".txt"))
    .sort()
    .map((name) => readScenarioFile(join(folder, name)));
}

/** Plays a file in each of its modes; the transcripts as they should stand in it. Errors name file and line. */
export async function playFile({ name, script }: ScenarioFile): Promise<readonly PlayedMode[]> {
  try {
    const scenario = parseScenario(script);
    const played: PlayedMode[] = [];
    for (const mode of scenario.modes) {
      const { transcript, faults } = await play(scenario, { mode });
      played.push({ mode, transcript: transcript.map((line) => `${line}\n`).join(""), faults });
    }
    return played;
  } catch (error) {
    if (error instanceof ScenarioError) throw new Error(`${name}:${error.line}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** What was seen in one mode. */
export interface PlayedMode {
  readonly mode: Mode;
  readonly transcript: string;
  readonly faults: readonly string[];
}

/** Writes these transcripts below the script. */
export function rewrite({ path, script }: ScenarioFile, played: readonly PlayedMode[]): void {
  const parts = played.map(({ mode, transcript }) => `\n=== ${mode}\n${transcript}`);
  writeFileSync(path, `${script.trimEnd()}\n${parts.join("")}`);
}

function readScenarioFile(path: string): ScenarioFile {
  const transcripts = new Map<string, string>();
  const script: string[] = [];
  let mode: string | undefined;
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const found = heading.exec(line)?.[1];
    if (found !== undefined) transcripts.set((mode = found), "");
    else if (mode === undefined) script.push(line);
    else if (line !== "") transcripts.set(mode, `${transcripts.get(mode) ?? ""}${line}\n`);
  }
  return { name: basename(path), path, script: script.join("\n"), transcripts };
}
