import { globSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { root } from "./source.ts";
import type { Step } from "./steps.ts";

// Which tests there are, where they lie and how they run. A new kind of test is a new row here and a line in
// CONTRIBUTING.md.

const minuteMs = 60_000;

/** Types, lint, format, layers and units: what `npm run check` runs, all at once. */
export function checkSteps(): readonly Step[] {
  return [
    tool("types", "node_modules/typescript/bin/tsc", ["-p", "tsconfig.json"]),
    tool("types of the core", "node_modules/typescript/bin/tsc", ["-p", "src/core/tsconfig.json"]),
    tool("lint", "node_modules/oxlint/bin/oxlint"),
    tool("format", "node_modules/oxfmt/bin/oxfmt", ["--check"]),
    inProcess("layers and tidiness", ["tools/{layers,tidy}.test.ts"]),
    // They wait more than they work, so in three processes they take a third of the time.
    inProcess("units of the client", ["src/kube/**/*.test.ts"]),
    inProcess("units of the host", ["src/{host,rebooters,sentinels}/**/*.test.ts"]),
    inProcess("units", ["{src,sim}/**/*.test.ts"], {
      except: ["**/*.properties.test.ts", "sim/scenarios/**", "src/{kube,host,rebooters,sentinels}/**"],
    }),
  ];
}

/**
 * Everything else that `npm test` runs: one stage after the other, the steps of a stage at once. `full` adds what takes
 * longer than five minutes.
 */
export function testStages({ full }: { readonly full: boolean }): readonly (readonly Step[])[] {
  const given = process.env["KURED_BIN"];
  const chosen = given === undefined ? undefined : resolve(given);
  const built = join(root, "dist/kured");
  const binaries = chosen === undefined ? [built, join(root, "dist/kured-bun")] : [chosen];
  const bin = chosen ?? built;
  return [
    [
      inProcess("properties", ["src/**/*.properties.test.ts"], { deadlineMs: 5 * minuteMs }),
      inProcess("simulator", ["sim/**/*.properties.test.ts", "sim/scenarios/**/*.test.ts"], {
        deadlineMs: 5 * minuteMs,
        // So many that everything that can happen must have happened in them.
        ...(full && { env: { KURED_SIM_SEEDS: "2000" }, deadlineMs: 60 * minuteMs }),
      }),
      inProcess("tools", ["tools/**/*.test.ts", "bench/report/**/*.test.ts"], {
        except: ["tools/{layers,tidy}.test.ts"],
      }),
      inProcess("mutants", ["test/mutants/**/*.test.ts"], { deadlineMs: 5 * minuteMs }),
    ],
    [tool("build", "tools/build.ts", [], { output: "live", neededByAllAfter: true })],
    // Before any test, so that no test's time goes into fetching or building programs.
    [
      tool("control plane programs", "test/controlplane/programs/prepare.ts", [], {
        output: "live",
        deadlineMs: 30 * minuteMs,
        neededByAllAfter: true,
      }),
    ],
    // The black box waits more than it works, so both artefacts go beside what works.
    [
      isolated("chart", ["test/chart/**/*.test.ts"], { bin, atOnce: 1, output: "onFailure", deadlineMs: 3 * minuteMs }),
      isolated("control plane", ["test/controlplane/**/*.test.ts"], {
        bin,
        atOnce: 1,
        output: "onFailure",
        ...(full ? everyRow : {}),
      }),
      ...binaries.map((binary) =>
        isolated(`black box ${relative(root, binary)}`, ["test/blackbox/**/*.test.ts"], {
          bin: binary,
          atOnce: 2,
          output: "onFailure",
          ...(full ? everyRow : {}),
        }),
      ),
    ],
    [
      isolated("cases", ["test/cases/**/*.test.ts"], {
        bin,
        atOnce: 3,
        ...(full ? everyRow : { except: casesOfTheFullRun }),
      }),
    ],
    full ? [isolated("full", ["test/full/**/*.test.ts"], { bin, atOnce: 1, deadlineMs: 120 * minuteMs })] : [],
    full ? [isolated("soak", ["test/soak/**/*.test.ts"], { bin, atOnce: 1 })] : [],
    full ? [isolated("benches", ["bench/*.test.ts"], { bin, atOnce: 1 })] : [],
  ];
}

/**
 * Cases for which five minutes have no room; crash points, properties and the black box come near to what they show.
 */
const casesOfTheFullRun = ["test/cases/{answers,marks,pauses,terminate}.test.ts"];

const everyRow = { env: { KURED_ROWS: "all" }, deadlineMs: 120 * minuteMs };

/** A command without tests; it fails by its exit code. */
function tool(name: string, script: string, argv: readonly string[] = [], options: Partial<Step> = {}): Step {
  return { name, argv: [script, ...argv], counts: "nothing", output: "onFailure", deadlineMs: minuteMs, ...options };
}

/** Tests that touch nothing global, so that all files share one process; their order is drawn anew each time. */
function inProcess(
  name: string,
  patterns: readonly string[],
  {
    except = [],
    deadlineMs = 2 * minuteMs,
    env = {},
  }: Pick<Partial<Step>, "deadlineMs" | "env"> & { readonly except?: readonly string[] } = {},
): Step {
  const argv = [...nodeTest, "--test-isolation=none", "--test-randomize", "--test-timeout=60000"];
  return { name, argv: [...argv, ...files(patterns, except)], counts: "tests", output: "onFailure", deadlineMs, env };
}

/** Tests that start real processes: each file in a process of its own, in the order of their names. */
function isolated(
  name: string,
  patterns: readonly string[],
  {
    bin,
    atOnce,
    deadlineMs = 10 * minuteMs,
    env = {},
    except = [],
    ...more
  }: Partial<Step> & { readonly bin: string; readonly atOnce: number; readonly except?: readonly string[] },
): Step {
  // A file that stands still is stopped long before its step, so that the summary can name it.
  const fileTimeout = `--test-timeout=${deadlineMs / 2}`;
  const argv = [...nodeTest, "--test-isolation=process", `--test-concurrency=${atOnce}`, fileTimeout];
  return {
    name,
    argv: [...argv, ...files(patterns, except)],
    counts: "tests",
    output: "live",
    deadlineMs,
    env: { KURED_BIN: bin, ...env },
    ...more,
  };
}

const nodeTest = ["--test", "--test-reporter=./tools/reporter.ts", "--test-reporter-destination=stdout"];

/** The files themselves: with a pattern that matches nothing, Node would go looking for tests of its own choice. */
function files(patterns: readonly string[], except: readonly string[]): readonly string[] {
  const excluded = new Set(globSync(except, { cwd: root }));
  const found = globSync(patterns, { cwd: root }).filter((path) => !excluded.has(path));
  return found.length === 0 ? [patterns.join(" ")] : found.sort();
}
