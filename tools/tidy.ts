import { basename, dirname } from "node:path";
import { isTest } from "./source.ts";
import type { Source } from "./source.ts";

/** A file is one idea; beyond this many lines it needs an entry in `longFiles`. */
const softLines = 250;
/** No entry helps beyond this. */
const hardLines = 400;
/** Tests tell stories one after the other, so they may be longer. */
const hardTestLines = 600;

/** Files over the soft limit and how long each may be. A number here only ever goes down. */
export const longFiles: Readonly<Record<string, number>> = {};

/** File names that say nothing, so that everything ends up in them. */
const emptyNames = /^(utils?|helpers?|common|misc|types|shared|lib|index|stuff)(\.test)?\.ts$/;

/** Folders with more source files than a reader takes in at a glance. Tests do not count. */
export function crowdedFolders(sources: readonly Source[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { path } of sources) {
    if (!path.endsWith(".test.ts")) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > 15)
    .map(([folder, count]) => `${folder}: ${count} source files, at most 15. Split it by ideas of the domain.`);
}

/** Files whose name tells nothing. */
export function emptyFileNames(sources: readonly Source[]): readonly string[] {
  return sources
    .filter(({ path }) => emptyNames.test(basename(path)))
    .map(({ path }) => `${path}: name it after the one idea that it holds.`);
}

/** Files that are too long, and entries of `longFiles` that are higher than they need to be. */
export function fileLengths(sources: readonly Source[], allowed = longFiles): readonly string[] {
  const lengths = new Map(sources.map(({ path, text }) => [path, text.split("\n").length - 1]));
  const tooLong = [...lengths].flatMap(([path, lines]) => {
    const hard = path.endsWith(".test.ts") ? hardTestLines : hardLines;
    const soft = path.endsWith(".test.ts") ? hardTestLines : (allowed[path] ?? softLines);
    if (lines > hard) return [`${path}: ${lines} lines, at most ${hard}. Split it by ideas.`];
    if (lines > soft) return [`${path}: ${lines} lines, at most ${soft}. Move one idea into a file of its own.`];
    return [];
  });
  const slack = Object.entries(allowed)
    .filter(([path, lines]) => (lengths.get(path) ?? 0) + 10 < lines || lines <= softLines)
    .map(([path]) => `tools/tidy.ts: longFiles allows ${path} more than it needs. Lower or remove the entry.`);
  return [...tooLong, ...slack];
}

/** Exported names in the product and its simulator that no doc comment stands above. */
export function undocumentedExports(sources: readonly Source[]): readonly string[] {
  return sources
    .filter(({ path }) => !isTest(path) && /^(src|sim)\//.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(declaration)]
        .filter((match) => !isDocumented(text, match))
        .map((match) => `${place(path, text, match)}: say above ${match[1]} what its name and type do not.`),
    );
}

const declaration = /^export (?:declare |abstract |async )*(?:function\*?|const|let|class|interface|type) (\w+)/gm;

function isDocumented(text: string, match: RegExpExecArray): boolean {
  const above = text.slice(0, match.index).trimEnd();
  if (above.endsWith("*/")) return true;
  // The further signatures of an overloaded function share the first one's comment.
  return new RegExp(`export function ${match[1]}\\b[^;{}]*;$`).test(above);
}

/** Escapes from the type system that a linter lets through, and syntax that Node cannot strip. */
export function looseCode(sources: readonly Source[]): readonly string[] {
  const rules: readonly (readonly [RegExp, string])[] = [
    [/\bas any\b/g, "decode it, or use unknown."],
    [/\bas unknown as\b/g, "decode it; two casts in a row prove nothing."],
    [/^export default\b/gm, "give it a name."],
    [/^(?:export )?(?:declare )?(?:const )?enum\b/gm, "use a union of string literals."],
    [/@ts-(?:ignore|nocheck|expect-error)\b/g, "mend the type."],
    [/\bnew Date\(\s*\)/g, "take a Clock (src/ports/clock.ts)."],
  ];
  return sources
    .filter(({ path }) => !isTest(path) && /^(src|sim)\//.test(path))
    .flatMap(({ path, text }) =>
      rules.flatMap(([pattern, mend]) =>
        [...text.matchAll(pattern)].map((match) => `${place(path, text, match)}: ${match[0].trim()}: ${mend}`),
      ),
    );
}

/** `process.exit` outside src/main.ts, where it would cut off what others are still doing. */
export function earlyExits(sources: readonly Source[]): readonly string[] {
  return sources
    .filter(({ path }) => path.startsWith("src/") && path !== "src/main.ts" && !isTest(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\bprocess\.(exit|abort|reallyExit)\(/g)].map(
        (match) => `${place(path, text, match)}: return or throw; only src/main.ts ends the process.`,
      ),
    );
}

/** Comments wider than the code is formatted: the formatter leaves them as they are. */
export function wideComments(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, text }) =>
    [...text.matchAll(/^ *(?:\/\*\*|\*|\/\/) .*$/gm)]
      .filter(([line]) => line.length > 120)
      .map((match) => `${place(path, text, match)}: a comment of ${match[0].length} characters, at most 120. Wrap it.`),
  );
}

/** Things that hold on one machine only, in any tracked file: checkout paths, fixed temporary files, registry hosts. */
export function machineTraces(files: readonly { readonly path: string; readonly text: string }[]): readonly string[] {
  const rules: readonly (readonly [RegExp, string])[] = [
    [/(?<![\w.*~}])\/(?:home|Users|work|workspace|builds)\/[\w.]/g, "use a path from the repository's root."],
    [/(?<![\w.])\/tmp\/[a-z][\w-]*/g, "use mkdtemp."],
    [/"resolved":\s*"http/g, "write the lock file with omit-lockfile-registry-resolved (.npmrc)."],
    [/^(?:@[\w-]+:)?registry\s*=/gm, "leave the registry to each machine's own configuration."],
    [/:_auth\w*\s*=/g, "never commit credentials."],
  ];
  return files.flatMap(({ path, text }) =>
    rules.flatMap(([pattern, mend]) =>
      [...text.matchAll(pattern)].map((match) => `${place(path, text, match)}: ${match[0]}: ${mend}`),
    ),
  );
}

/**
 * Optional packages that the lock file does not list. A registry that lacks a binary for some other platform makes
 * `npm install` leave it out without a word, and `npm ci` then refuses the file everywhere.
 */
export function lockFileGaps(lockFile: string): readonly string[] {
  type Entry = { readonly version?: string; readonly optionalDependencies?: Readonly<Record<string, string>> };
  const { packages } = JSON.parse(lockFile) as { readonly packages: Readonly<Record<string, Entry>> };
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => packages[`node_modules/${name}`] === undefined)
      .map(([name, version]) => {
        const wanted = `node_modules/${name} ${version}, optional package of ${path}`;
        return `package-lock.json: ${wanted}, is missing. Add it with its os and cpu, like its neighbours.`;
      }),
  );
}

function place(path: string, text: string, match: RegExpExecArray): string {
  return `${path}:${text.slice(0, match.index).split("\n").length}`;
}
