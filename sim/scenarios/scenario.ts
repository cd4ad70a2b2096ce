import type { Mode } from "../world/options.ts";
import { instantMs } from "./instants.ts";
import { everyVerb } from "./verbs/every.ts";
import { sentenceOf, type Sentence } from "./verbs/verb.ts";

/** A world with what happens in it, as a file tells it. */
export interface Scenario {
  readonly title: string;
  /** It is played once in each. */
  readonly modes: readonly Mode[];
  /** Machines n1, n2 and so on; which of them are of the control plane. */
  readonly nodes: readonly { readonly controlPlane: boolean }[];
  /** Command line of every daemon. */
  readonly flags: readonly string[];
  readonly happenings: readonly Happening[];
  readonly end: End;
}

/** Something that happens at an instant. */
export interface Happening {
  readonly atMs: number;
  readonly text: string;
  readonly sentence: Sentence;
  readonly line: number;
}

/** When a scenario is over. */
export type End =
  | { readonly kind: "at"; readonly atMs: number }
  /** When every node has had its reboot and nothing of it is left; fails if that does not come. */
  | { readonly kind: "done" };

/** A line that cannot be understood. */
export class ScenarioError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

interface Draft {
  title?: string;
  modes: readonly Mode[];
  nodeCount?: number;
  controlPlane: readonly string[];
  flags: readonly string[];
  readonly happenings: Happening[];
  end?: End;
}

/** Reads a scenario; throws a `ScenarioError` that names the line. */
export function parseScenario(text: string): Scenario {
  const draft: Draft = { modes: ["classic", "coordinated"], controlPlane: [], flags: [], happenings: [] };
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) readLine(line.trim(), { draft, line: index + 1 });
  const { title, nodeCount, end, modes, flags, happenings, controlPlane } = draft;
  if (title === undefined) throw new ScenarioError(lines.length, 'a line "scenario <title>" is missing');
  if (nodeCount === undefined) throw new ScenarioError(lines.length, 'a line "nodes <number>" is missing');
  if (end === undefined) throw new ScenarioError(lines.length, 'a line "until <instant>" or "until done" is missing');
  checkNames(draft, nodeCount);
  const nodes = Array.from({ length: nodeCount }, (_, index) => ({
    controlPlane: controlPlane.includes(`n${index + 1}`),
  }));
  return { title, modes, nodes, flags, happenings, end };
}

interface Place {
  readonly draft: Draft;
  readonly line: number;
}

function readLine(text: string, place: Place): void {
  if (text === "" || text.startsWith("#")) return;
  const [, word = "", rest = ""] = /^(\S+)\s*(.*)$/.exec(text) ?? [];
  const read = readers[word];
  if (read === undefined)
    throw new ScenarioError(place.line, `"${word}" begins no line; ${Object.keys(readers).join(", ")} do`);
  read(rest, place);
}

/** What a line's first word makes of the rest. */
const readers: Readonly<Record<string, (rest: string, place: Place) => void>> = {
  scenario: (rest, { draft }) => {
    draft.title = rest;
  },
  modes: (rest, { draft, line }) => {
    draft.modes = rest.split(/\s+/).map((mode) => {
      if (mode !== "classic" && mode !== "coordinated")
        throw new ScenarioError(line, `"${mode}" is no mode; classic and coordinated are`);
      return mode;
    });
  },
  nodes: (rest, { draft, line }) => {
    const [, count = "", special] = /^(\d+)(?:, control plane (n\d+(?: n\d+)*))?$/.exec(rest) ?? [];
    if (!(Number(count) >= 1)) throw new ScenarioError(line, `"${rest}": say "3" or "3, control plane n1 n2"`);
    draft.nodeCount = Number(count);
    draft.controlPlane = special?.split(" ") ?? [];
  },
  flags: (rest, { draft, line }) => {
    const flags = rest.split(/\s+/);
    const wrong = flags.find((flag) => !/^--[a-z-]+=./.test(flag));
    if (wrong !== undefined) throw new ScenarioError(line, `"${wrong}" is not of the form --name=value`);
    draft.flags = [...draft.flags, ...flags];
  },
  at: (rest, { draft, line }) => {
    const [, instant = "", text = ""] = /^(\S+)\s+(.*)$/.exec(rest) ?? [];
    const sentence = sentenceOf(text, everyVerb);
    if (sentence === undefined) throw new ScenarioError(line, `nothing is known of "${text}"`);
    const atMs = instantOf(instant, line);
    if (atMs < (draft.happenings.at(-1)?.atMs ?? 0))
      throw new ScenarioError(line, `${instant} is before the line above it`);
    draft.happenings.push({ atMs, text, sentence, line });
  },
  until: (rest, { draft, line }) => {
    draft.end = rest === "done" ? { kind: "done" } : { kind: "at", atMs: instantOf(rest, line) };
  },
};

function instantOf(text: string, line: number): number {
  const ms = instantMs(text);
  if (ms === undefined) throw new ScenarioError(line, `"${text}" is no instant; 12:05 and 12:05:30 are, from 12:00 on`);
  return ms;
}

/** Machines that nobody has made would be noticed late, in the middle of the world. */
function checkNames({ happenings, controlPlane }: Draft, count: number): void {
  const known = new Set(Array.from({ length: count }, (_, index) => `n${index + 1}`));
  for (const name of controlPlane)
    if (!known.has(name)) throw new ScenarioError(1, `${name} is to be of the control plane and is no node`);
  for (const { sentence, line } of happenings) {
    const joins = sentence.verb.form === "a VM {node} joins";
    for (const name of sentence.words.nodes) {
      if (joins) known.add(name);
      else if (!known.has(name)) throw new ScenarioError(line, `there is no node ${name}`);
    }
  }
}
