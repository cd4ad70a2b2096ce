import { runStep, summarize } from "./steps.ts";
import type { StepEnd } from "./steps.ts";
import { checkSteps, testSteps } from "./suites.ts";

// npm test: the checks, the build, the properties and the real control plane; --full adds what takes long. Everything
// runs even if something before it failed, except what cannot run without a build.
const argv = process.argv.slice(2);
const unknown = argv.filter((argument) => argument !== "--full");
if (unknown.length > 0) throw new Error(`Unknown argument ${unknown.join(" ")}; there is only --full`);

console.log(`Node ${process.version} at ${process.execPath}`);
const ends: StepEnd[] = await Promise.all(checkSteps().map(runStep));
for (const step of testSteps({ full: argv.includes("--full") })) {
  ends.push(await runStep(step));
  if (step.name === "build" && !ends.at(-1)?.ok) break;
}
summarize(ends);
