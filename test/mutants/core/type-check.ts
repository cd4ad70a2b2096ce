import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { root } from "../../../tools/source.ts";
import { mutate, type Mutation } from "./mutations.ts";

/** Whether the compiler refuses this mutant; asked of survivors only, because it takes a second. */
export async function brokenTypes({
  file,
  mutation,
}: {
  readonly file: string;
  readonly mutation: Mutation;
}): Promise<boolean> {
  const folder = (copy ??= makeCopy());
  const path = join(folder, relative(root, file));
  const source = readFileSync(file, "utf8");
  writeFileSync(path, mutate(source, mutation));
  const compiled = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "src/core"], {
    cwd: folder,
    encoding: "utf8",
  });
  writeFileSync(path, source);
  return compiled.status !== 0;
}

let copy: string | undefined;

function makeCopy(): string {
  const folder = mkdtempSync(join(tmpdir(), "kured-mutants-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(root, "src/core"), join(folder, "src/core"), { recursive: true });
  cpSync(join(root, "tsconfig.json"), join(folder, "tsconfig.json"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}
