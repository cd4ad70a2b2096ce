import { globSync } from "node:fs";
import { join } from "node:path";
import { notRun, runStep, summarize, type Step, type StepEnd } from "../../tools/steps.ts";
import { root } from "../../tools/source.ts";
import { demandMachine } from "./prepare/needs.ts";
import { attachRig } from "./rig.ts";
import { startKeeper, stopKeeper } from "./start.ts";

// npm run test:nodes [-- WORD …]: builds kured and its image, starts a rig of its own and runs on it the files of
// test/nodes/cases whose names contain one of the words, or all. Where nodes cannot run, that is a failure with the remedy.

const minuteMs = 60_000;
const words = process.argv.slice(2);
const folder = `/var/tmp/kured-nodes-test-${process.pid}`;
const output = join(root, "dist/image");
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));
const options = { log: (line: string) => console.log(line), signal: stop.signal };

const ends: StepEnd[] = [];
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
  deadlineMs: 15 * minuteMs,
  env: { KURED_NODES: folder },
};

try {
  await demandMachine();
  for (const step of [
    tool("build", ["tools/build.ts", "--node-only"]),
    tool("image", ["tools/image/main.ts", "--arch", arch()]),
  ]) {
    ends.push(await runStep(step));
    if (ends.at(-1)?.ok === false) throw new Error(`${step.name} failed`);
  }
  await startKeeper(folder, { count: 3, detached: false, ...options });
  const rig = await attachRig(folder, options);
  await rig.loadImage(join(output, `kured.${arch()}.docker.tar`), { as: "kured" });
  ends.push(await runStep({ ...cases, through: ["nsenter", "--target", String(rig.keeper), "--net", "--"] }));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  ends.push(notRun(cases, { missing: "what it needs" }));
} finally {
  await stopKeeper(folder, { log: () => undefined, signal: new AbortController().signal });
}
summarize(ends);

function tool(name: string, argv: readonly string[]): Step {
  return { name, argv, counts: "nothing", output: "onFailure", deadlineMs: 5 * minuteMs };
}

/** As the image's files are named. */
function arch(): string {
  return process.arch === "arm64" ? "arm64" : "amd64";
}
