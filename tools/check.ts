import { checkSteps } from "./suites.ts";
import { runStep, summarize } from "./steps.ts";

// npm run check: everything that needs no control plane, in seconds, all at once.
summarize(await Promise.all(checkSteps().map(runStep)));
