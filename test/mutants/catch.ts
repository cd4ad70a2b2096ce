import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { MutantPatch } from "./patch.ts";
import type { Tree } from "./tree.ts";
import type { Heard } from "./worlds.ts";

/** What was found of one bug. */
export interface Catch {
  /** Tests that were named and do not fail. */
  readonly silent: readonly string[];
  /** The rules that complained in any of the worlds. */
  readonly rules: readonly string[];
  /** What went wrong with the looking itself. */
  readonly trouble?: string;
}

const deadlineMs = 10 * 60_000;

/** Runs the tests and the worlds of this bug in the tree as it is, with the bug or without. */
export function look({ tests, worlds, given }: MutantPatch, { folder }: Tree): Catch {
  const silent = tests.filter((path) => passes(path, folder));
  if (worlds.length === 0) return { silent, rules: [] };
  const ran = node(["test/mutants/worlds.ts", given, ...worlds], folder);
  const heard = ran.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Heard);
  const rules = [...new Set(heard.flatMap(({ checkers }) => checkers))].toSorted();
  if (ran.status === 0 && heard.length === worlds.length) return { silent, rules };
  return { silent, rules, trouble: `the worlds could not be run to their end: ${ran.stderr.slice(0, 500)}` };
}

function passes(path: string, folder: string): boolean {
  return node(["--test", "--test-isolation=none", path], folder).status === 0;
}

function node(argv: readonly string[], folder: string) {
  const { NODE_TEST_CONTEXT: _ours, ...env } = process.env;
  return spawnSync(process.execPath, argv, { cwd: folder, encoding: "utf8", env, timeout: deadlineMs });
}

/** A sentence about what is not as the patch's own lines have it; `undefined` where all is. */
export function complaint(patch: MutantPatch, { silent, rules, trouble }: Catch): string | undefined {
  if (trouble !== undefined) return trouble;
  if (silent.length > 0) return `survived ${silent.join(", ")}`;
  if (rules.join() === patch.rules.toSorted().join()) return undefined;
  if (rules.length === 0) return `survived ${patch.worlds.join(", ")}, which ${patch.rules.join(", ")} should catch`;
  return `caught by ${rules.join(", ")}, not by ${patch.rules.join(", ")}: is a rule too strict, or its line out of date?`;
}

/** The path of a file of patches. */
export function patchFolder(root: string): string {
  return join(root, "test/mutants/patches");
}
