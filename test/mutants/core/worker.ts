import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import fc from "fast-check";
import { mutate, type Mutation } from "./mutations.ts";
import { failure, takeDeclared } from "./registry.ts";

// A process that tries one mutant after the other: for each, the core is loaded anew, with one file changed in memory,
// and the tests are run in turn until one fails.

/** A mutant, and the tests that may kill it, in their order. Paths are absolute. */
export interface Trial {
  readonly number: number;
  /** Absent for the core as it is. */
  readonly mutant?: { readonly file: string; readonly mutation: Mutation };
  readonly tests: readonly string[];
}

/** What came of a trial. */
export type Verdict =
  | { readonly number: number; readonly kind: "survived"; readonly tests: number }
  | { readonly number: number; readonly kind: "killed"; readonly by: string; readonly why: string };

const core = new URL("../../../src/core/", import.meta.url).href;
const registry = new URL("registry.ts", import.meta.url).href;
const asNodeTest = `import { describe, test } from ${JSON.stringify(registry)}; export { describe, test, test as default };`;

const stripped = new Map<string, string>();
let current: Trial = { number: 0, tests: [] };

registerHooks({
  resolve: (specifier, context, next) => {
    const isOfTrial = context.parentURL?.startsWith(core) === true;
    if (isOfTrial && specifier === "node:test") return { url: "trial:test", shortCircuit: true };
    const resolved = next(specifier, context);
    if (!resolved.url.startsWith(core) || resolved.url.includes("?")) return resolved;
    return { ...resolved, url: `${resolved.url}?${current.number}`, format: "module" };
  },
  load: (url, context, next) => {
    if (url === "trial:test") return { format: "module", source: asNodeTest, shortCircuit: true };
    if (!url.startsWith(core)) return next(url, context);
    return { format: "module", source: sourceOf(fileURLToPath(url.split("?")[0] ?? "")), shortCircuit: true };
  },
});

/** Without types, each letter where it was; of the mutant's file, the mutant. */
function sourceOf(path: string): string {
  const known = stripped.get(path) ?? stripTypeScriptTypes(readFileSync(path, "utf8"));
  stripped.set(path, known);
  return path === current.mutant?.file ? mutate(known, current.mutant.mutation) : known;
}

async function run(trial: Trial): Promise<Verdict> {
  current = trial;
  const { number } = trial;
  // Few and always the same: most mutants are killed by the first of them, and figures can be compared.
  fc.configureGlobal({ numRuns: 30, seed: 1 });
  let count = 0;
  for (const path of trial.tests) {
    try {
      await import(`${pathToFileURL(path).href}?${number}`);
    } catch (error) {
      takeDeclared();
      return { number, kind: "killed", by: path, why: failure(error) };
    }
    for (const { name, run: test } of takeDeclared()) {
      count += 1;
      try {
        await test();
      } catch (error) {
        takeDeclared();
        return { number, kind: "killed", by: `${path}: ${name}`, why: failure(error) };
      }
    }
  }
  return { number, kind: "survived", tests: count };
}

Error.stackTraceLimit = 3;
process.on("message", (trial: Trial) => {
  run(trial).then(
    (verdict) => process.send?.(verdict),
    () => process.exit(1),
  );
});
