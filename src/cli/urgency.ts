import type { VerdictCode } from "../core/verdict/reason.ts";

/** What a state asks of the operator, the most urgent first. */
export const urgencies = ["attention", "working", "waiting", "quiet"] as const;

/**
 * `attention`: somebody should look. `working`: in maintenance. `waiting`: for its turn or leave. `quiet`: nothing to
 * do.
 */
export type Urgency = (typeof urgencies)[number];

/** How urgent a state is; a code that this version does not know deserves a look. */
export function urgencyOf(code: string): Urgency {
  return isKnown(code) ? byCode[code] : "attention";
}

function isKnown(code: string): code is keyof typeof byCode {
  return Object.hasOwn(byCode, code);
}

const byCode: Readonly<Record<VerdictCode | "Undecided", Urgency>> = {
  Failed: "attention",
  RebootOverdue: "attention",
  StillRequired: "attention",
  RecordUnreadable: "attention",
  ReportUnreadable: "attention",
  SentinelUnknown: "attention",
  AgentMissing: "attention",
  CannotReboot: "attention",
  DrainInfeasible: "attention",
  DrainBlocked: "attention",
  DrainTimedOut: "attention",
  CordonLost: "attention",
  LockLost: "attention",
  LockUnknown: "attention",
  GateUnknown: "attention",
  ViewTooOld: "attention",
  Undecided: "attention",
  Claiming: "working",
  Draining: "working",
  Drained: "working",
  Approved: "working",
  Rebooting: "working",
  Returning: "working",
  Closing: "working",
  OwnedByOther: "waiting",
  Paused: "waiting",
  Held: "waiting",
  OutsideWindow: "waiting",
  LockedBy: "waiting",
  BudgetFull: "waiting",
  Queued: "waiting",
  RollOutStopped: "waiting",
  BlockedByAlert: "waiting",
  BlockedByPod: "waiting",
  GateClosed: "waiting",
  Resting: "waiting",
  NotLeading: "waiting",
  NotRequired: "quiet",
  Done: "quiet",
};
