import { globSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";

/** The repository's root, absolute. */
export const root = dirname(import.meta.dirname);

/** One TypeScript file of the repository. */
export interface Source {
  /** From the root, with slashes: `src/core/decide.ts`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

/** One import or re-export, also of types only. */
export interface Import {
  readonly line: number;
  /** A path from the root for our own files, else as written: `node:fs`, `yaml`. */
  readonly target: string;
  readonly own: boolean;
}

/** Everything under these folders, in the order of their names. */
export function readSources(folders: readonly string[] = ["src", "sim", "test", "tools", "bench"]): readonly Source[] {
  const patterns = folders.map((folder) => `${folder}/**/*.ts`);
  return globSync(patterns, { cwd: root })
    .map((path) => path.split(sep).join("/"))
    .sort()
    .map((path) => parseSource(path, readFileSync(join(root, path), "utf8")));
}

/**
 * Finds imports by pattern: the formatter puts each statement at the start of a line, and reading every file this way
 * takes milliseconds.
 */
export function parseSource(path: string, text: string): Source {
  const statement = /^(?:import|export)\b[^"'`;]*?\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;
  const imports = [...text.matchAll(statement)].map((match): Import => {
    const written = match[1] ?? match[2] ?? match[3] ?? "";
    const line = text.slice(0, match.index).split("\n").length;
    const own = written.startsWith(".");
    return { line, own, target: own ? posix.join(posix.dirname(path), written) : written };
  });
  return { path, text, imports };
}

/** Whether the file is a test or lives among them: such files may know everything. */
export function isTest(path: string): boolean {
  return path.endsWith(".test.ts") || path.startsWith("test/") || path.includes("/testing/");
}

/** A path of this machine as the repository knows it. */
export function fromRoot(absolute: string): string {
  return relative(root, absolute).split(sep).join("/");
}
