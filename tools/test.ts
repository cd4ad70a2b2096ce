import { notRun, runStep, summarize } from "./steps.ts";
import type { Step, StepEnd } from "./steps.ts";
import { checkSteps, testStages } from "./suites.ts";

// npm test: the checks, the build, the properties and the real control plane; --full adds what takes long. What fails
// does not keep the rest from running, except where the rest needs it; what did not run then counts as failed.
const argv = process.argv.slice(2);
const unknown = argv.filter((argument) => argument !== "--full");
if (unknown.length > 0) throw new Error(`Unknown argument ${unknown.join(" ")}; there is only --full`);

console.log(`Node ${process.version} at ${process.execPath}`);
const ends: StepEnd[] = await Promise.all(checkSteps().map(runStep));
let missing: string | undefined;
for (const stage of testStages({ full: argv.includes("--full") })) {
  const run = async (step: Step): Promise<StepEnd> =>
    missing === undefined ? await runStep(step) : notRun(step, { missing });
  const ended = await Promise.all(stage.map(run));
  ends.push(...ended);
  missing ??= stage.find((step, index) => step.neededByAllAfter === true && ended[index]?.ok === false)?.name;
}
summarize(ends);
