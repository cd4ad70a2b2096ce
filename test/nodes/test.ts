import { globSync } from "node:fs";
import { notRun, runStep, summarize, type Step, type StepEnd } from "../../tools/steps.ts";
import { root } from "../../tools/source.ts";
import { withOwnRig } from "./own.ts";

// npm run test:nodes [-- WORD …]: builds kured and its image, starts a rig of its own and runs on it the files of
// test/nodes/cases whose names contain one of the words, or all. Where nodes cannot run, that is a failure with the
// remedy.

const minuteMs = 60_000;
const words = process.argv.slice(2);
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));

const cases: Step = {
  name: "real nodes",
  argv: [
    "--test",
    "--test-reporter=./tools/reporter.ts",
    "--test-reporter-destination=stdout",
    "--test-isolation=process",
    "--test-concurrency=1", // All share the rig.
    `--test-timeout=${10 * minuteMs}`,
    ...globSync("test/nodes/cases/*.test.ts", { cwd: root })
      .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
      .sort(),
  ],
  counts: "tests",
  output: "live",
  deadlineMs: 25 * minuteMs, // They have fifteen; a machine that is busy with other things is no fault of theirs.
};
const run = (): Promise<StepEnd> =>
  withOwnRig(({ folder, through }) => runStep({ ...cases, through, env: { KURED_NODES: folder } }), {
    count: 3,
    log: (line) => console.log(line),
    signal: stop.signal,
  });
const end = await run().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return notRun(cases, { missing: "what it needs" });
});
summarize([end]);
