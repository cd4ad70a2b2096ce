import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../../tools/source.ts";

/** A copy of the tree in which bugs are planted; the tree itself is never touched. */
export interface Tree {
  readonly folder: string;
  /** Plants a bug; answers what keeps it from that. */
  readonly plant: (patch: string) => string | undefined;
  /** Takes it out again. */
  readonly mend: (patch: string) => void;
  readonly remove: () => void;
}

const copied = ["src", "sim", "docs", "test/mutants", "test/kube", "package.json", "tsconfig.json"];

/** Copies what units and worlds need; the installed packages are linked. */
export function makeTree(): Tree {
  const folder = mkdtempSync(join(tmpdir(), "kured-mutants-"));
  for (const path of copied) cpSync(join(root, path), join(folder, path), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const apply = (patch: string, ...more: readonly string[]) =>
    spawnSync("git", ["apply", ...more, patch], {
      cwd: folder,
      encoding: "utf8",
      // Whatever repository the temporary folder lies in is none of its business.
      env: { ...process.env, GIT_CEILING_DIRECTORIES: dirname(folder) },
    });
  return {
    folder,
    plant: (patch) => {
      const { status, stderr, error } = apply(patch);
      return status === 0 ? undefined : (error?.message ?? stderr).trim();
    },
    mend: (patch) => {
      const { status, stderr } = apply(patch, "--reverse");
      if (status !== 0) throw new Error(`${patch} cannot be taken out again: ${stderr}`);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
