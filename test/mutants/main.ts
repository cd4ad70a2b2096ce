import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../../tools/source.ts";
import { complaint, look, patchFolder } from "./catch.ts";
import { readPatch, type MutantPatch } from "./patch.ts";
import { makeTree, type Tree } from "./tree.ts";

// npm run mutants [-- NAME...]: plants each deliberate bug in a copy of the tree and wants it caught by whom its patch
// names. Without names, every rule of the simulator must also be the only one that catches some bug.

const { positionals } = parseArgs({ allowPositionals: true });
const print = (line: string): void => void process.stdout.write(`${line}\n`);

const paths = globSync("*.patch", { cwd: patchFolder(root) }).toSorted();
const patches = paths
  .filter((path) => positionals.length === 0 || positionals.includes(basename(path, ".patch")))
  .map((path) => readPatch(join(patchFolder(root), path)));
const tree = makeTree();
try {
  process.exitCode = runAll(tree);
} finally {
  tree.remove();
}

function runAll(tree: Tree): number {
  const faults = [...sound(tree), ...patches.flatMap((patch) => check(patch, tree))];
  if (positionals.length === 0) faults.push(...lonely());
  for (const fault of faults) print(`not as it should be: ${fault}`);
  print(`${patches.length} bugs planted, ${faults.length} complaints`);
  return faults.length === 0 && patches.length > 0 ? 0 : 1;
}

/** A catcher that complains anyway catches nothing. */
function sound(tree: Tree): readonly string[] {
  const seen = new Set<string>();
  return patches.flatMap((patch) => {
    const tests = patch.tests.filter((path) => !seen.has(path));
    for (const path of tests) seen.add(path);
    const { silent, rules, trouble } = look({ ...patch, tests }, tree);
    const loud = tests.filter((path) => !silent.includes(path));
    return [...loud, ...rules, ...(trouble === undefined ? [] : [trouble])].map(
      (who) => `without the bug ${patch.name} there is a complaint too: ${who}`,
    );
  });
}

function check(patch: MutantPatch, tree: Tree): readonly string[] {
  const refused = tree.plant(patch.path);
  if (refused !== undefined)
    return [`${patch.name} does not fit the source any more; plant the same bug anew: ${refused}`];
  try {
    const wrong = complaint(patch, look(patch, tree));
    print(
      `${wrong === undefined ? "caught" : "NOT CAUGHT"} ${patch.name}: ${[...patch.tests, ...patch.rules].join(", ")}`,
    );
    return wrong === undefined ? [] : [`${patch.name}: ${wrong}`];
  } finally {
    tree.mend(patch.path);
  }
}

/** Rules of the simulator that nobody would miss; prints who is alone with what. */
function lonely(): readonly string[] {
  const files = globSync("sim/world/rules/{rule-*,unfinished}.ts", { cwd: root });
  const names = files.map((path) => basename(path, ".ts")).toSorted();
  print("\nthe only rule that catches:");
  return names.flatMap((rule) => {
    const alone = patches.filter(({ rules }) => rules.join() === rule).map(({ name }) => name);
    print(`  ${rule}: ${alone.join(", ")}`);
    return alone.length > 0 ? [] : [`no bug is caught by ${rule} alone`];
  });
}
