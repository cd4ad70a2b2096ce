import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** A deliberate bug: a patch against the tree, with lines of its own before the first `---`. */
export interface MutantPatch {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly path: string;
  /** What is wrong now. */
  readonly sentence: string;
  /** Test files, each of which fails with this bug. */
  readonly tests: readonly string[];
  /** Worlds of the simulator, as `mode:seed`, that complain of it together. */
  readonly worlds: readonly string[];
  /** JSON that goes over the options that the seeds of the worlds draw. */
  readonly given: string;
  /** The files of `sim/world/rules` that complain in those worlds: these and no others. */
  readonly rules: readonly string[];
}

/** Reads a patch and its `# key: value` lines. Throws a sentence about a file that is none. */
export function readPatch(path: string): MutantPatch {
  const text = readFileSync(path, "utf8");
  const [sentence = "", ...lines] = text.split("\n").flatMap((line) => /^# (.*)$/.exec(line)?.[1] ?? []);
  const fields = new Map(lines.map((line) => [line.split(": ")[0] ?? "", line.slice(line.indexOf(": ") + 2)]));
  const unknown = [...fields.keys()].find((key) => !known.has(key));
  if (unknown !== undefined) throw new Error(`${path}: no line may begin with "# ${unknown}"`);
  const list = (key: string): readonly string[] => fields.get(key)?.split(/[ ,]+/) ?? [];
  const [tests, worlds, rules] = [list("tests"), list("worlds"), list("rules")];
  if (tests.length + worlds.length === 0) throw new Error(`${path}: nothing is named that catches it`);
  if ((worlds.length === 0) !== (rules.length === 0)) throw new Error(`${path}: worlds go with rules`);
  return { name: basename(path, ".patch"), path, sentence, tests, worlds, given: fields.get("with") ?? "{}", rules };
}

const known: ReadonlySet<string> = new Set(["like", "tests", "worlds", "with", "rules"]);
