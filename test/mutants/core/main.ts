import { globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../../../tools/source.ts";
import { mutationsOf, type Mutation } from "./mutations.ts";
import { Trials, type Outcome } from "./trials.ts";
import { brokenTypes } from "./type-check.ts";

// npm run mutants:core -- --sample 200 [--only src/core/lock] : small changes of the core, and which of them no test
// notices.

const { values } = parseArgs({
  options: {
    /** How many mutants, evenly over all of them; 0 means all. */
    sample: { type: "string", default: "200" },
    /** Leaves out so many at the beginning of the sample's steps, for another sample of the same size. */
    offset: { type: "string", default: "0" },
    /** Only files whose path begins so. */
    only: { type: "string", default: "src/core/" },
    /** So large a share must be killed. */
    share: { type: "string", default: "90" },
    jobs: { type: "string", default: "1" },
  },
});

interface Mutant {
  /** Absolute. */
  readonly file: string;
  readonly mutation: Mutation;
}

const mutants = sample(
  files().flatMap((file) =>
    mutationsOf(stripTypeScriptTypes(readFileSync(file, "utf8"))).map((mutation) => ({ file, mutation })),
  ),
);
const tests = testFiles();
process.exitCode = await runAll();

async function runAll(): Promise<number> {
  const trials = new Trials();
  const sound = await trials.sound({ number: 0, tests });
  if (sound.kind !== "survived") {
    process.stdout.write(`the tests fail without any mutant: ${told(sound)}\n`);
    trials.end();
    return 1;
  }
  const survivors: Mutant[] = [];
  const killed = new Map<string, number>();
  for (const [index, mutant] of mutants.entries()) {
    const outcome = await trials.run({ number: index + 1, mutant, tests: nearestFirst(mutant.file) });
    const types = outcome.kind === "survived" && (await brokenTypes(mutant));
    const how = types ? "types" : outcome.kind === "killed" ? "tests" : outcome.kind;
    if (how === "survived") survivors.push(mutant);
    else killed.set(how, (killed.get(how) ?? 0) + 1);
    if (how === "survived") process.stdout.write(`survived: ${title(mutant)}\n`);
  }
  trials.end();
  const share = (100 * (mutants.length - survivors.length)) / mutants.length;
  const ways = Array.from(killed, ([how, count]) => `${count} by ${how}`).join(", ");
  process.stdout.write(
    `${mutants.length} mutants, ${mutants.length - survivors.length} killed (${share.toFixed(1)} %): ${ways}\n`,
  );
  return share >= Number(values.share) ? 0 : 1;
}

function files(): readonly string[] {
  return globSync("src/core/**/*.ts", { cwd: root })
    .filter((path) => path.startsWith(values.only) && !path.endsWith(".test.ts") && !path.includes("/testing/"))
    .toSorted()
    .map((path) => join(root, path));
}

/** Every so many, so that each file has its share. */
function sample(all: readonly Mutant[]): readonly Mutant[] {
  const wanted = Number(values.sample) || all.length;
  const step = Math.max(1, all.length / wanted);
  return Array.from({ length: Math.min(wanted, all.length) }, (_, index) =>
    all.at(Math.floor(index * step + Number(values.offset))),
  ).filter((mutant) => mutant !== undefined);
}

function testFiles(): readonly string[] {
  const found = globSync("src/core/**/*.test.ts", { cwd: root }).toSorted();
  // One that measures is no use here: a mutant that is slow is seen by its deadline.
  const wanted = found.filter((path) => !path.endsWith("/cost.test.ts"));
  const isSlow = (path: string): boolean => path.endsWith(".properties.test.ts");
  return [...wanted.filter((path) => !isSlow(path)), ...wanted.filter(isSlow)].map((path) => join(root, path));
}

function nearestFirst(file: string): readonly string[] {
  const [near, far] = [tests.filter((path) => dirname(path) === dirname(file)), new Set(tests)];
  for (const path of near) far.delete(path);
  return [...near, ...far];
}

function title({ file, mutation }: Mutant): string {
  const line = readFileSync(file, "utf8").slice(0, mutation.start).split("\n").length;
  return `${relative(root, file)}:${line} ${mutation.what}`;
}

function told(outcome: Outcome): string {
  return outcome.kind === "killed" ? `${outcome.by}: ${outcome.why}` : outcome.kind;
}
