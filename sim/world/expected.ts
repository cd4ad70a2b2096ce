import { phases } from "../../src/core/fleet/record.ts";
import { verdictCodes } from "../../src/core/verdict/codes.ts";
import { everyMishap } from "./faults/every.ts";
import { underWayFault } from "./faults/happening.ts";
import { writes } from "./network/acts.ts";
import type { CrashPlan } from "./options.ts";

/** Acts at which processes are killed besides the writes of a maintenance. */
const otherActs: readonly string[] = ["command reboot", "command test", "lease", "get nodes", "list pods", "event"];

/** Moments of an act at which a process may be killed. */
const crashMoments = ["before", "unanswered", "after"] as const;

/** What goes wrong with requests. */
const weatherFaults: readonly string[] = [
  "doubled request",
  "late message",
  "lost answer",
  "lost request",
  "refusal in a storm",
  "request during a partition",
  "torn answer",
];

/** Codes that no world can come to, each with its reason. */
const unreachable: ReadonlySet<string> = new Set([
  // No gate closes for another reason than an alert or a pod.
  "GateClosed",
  // Told by nothing yet: a place that is taken is told as BudgetFull.
  "Queued",
  // Only where a node were forgotten by every rule.
  "ViewTooOld",
]);

/** What windows must come upon. */
const windowCounts: readonly string[] = [
  "opens",
  "closes: draining",
  "closes: approved",
  "closes: rebooting",
  "goes over midnight",
  "is of another time zone",
  "the clocks go back",
  "the clocks go forward",
];

/** Everything that many worlds together must come through, as `Coverage` counts it. */
export function expectedCounts(): readonly string[] {
  return [
    ...[...weatherFaults, underWayFault, ...everyMishap.map(({ name }) => name)].map((name) => `fault: ${name}`),
    ...phases.map((phase) => `phase: ${phase}`),
    ...verdictCodes.filter((code) => !unreachable.has(code)).map((code) => `verdict: ${code}`),
    ...windowCounts.map((name) => `window: ${name}`),
    ...["committed", "commanded", "done"].map((step) => `reboot: ${step}`),
    ...crashPoints.map(({ act, moment }) => `crash: ${act}, ${moment}`),
  ];
}

/** Every moment of every act; a command either has not been run or has. */
export const crashPoints: readonly Pick<CrashPlan, "act" | "moment">[] = [...writes, ...otherActs].flatMap((act) =>
  crashMoments
    .filter((moment) => !(act.startsWith("command") && moment === "unanswered"))
    .map((moment) => ({ act, moment })),
);
