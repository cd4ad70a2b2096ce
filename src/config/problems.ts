/** What a code means and how to mend it, for the documentation and for the log. */
export interface Explanation {
  readonly sentence: string;
  readonly mend: string;
}

/** Everything that keeps us from starting. The codes are stable. */
export const problems = {
  UnknownFlag: {
    sentence: "There is no such flag for this command.",
    mend: "Look the flag up with --help; long flags have two dashes.",
  },
  BadFlagSyntax: { sentence: "A flag has no name.", mend: "Write --name=value or --name value." },
  MissingValue: { sentence: "The last flag needs a value.", mend: "Write --name=value." },
  InvalidInteger: {
    sentence: "The value is not a whole number.",
    mend: "Give digits only, with a sign if need be; from the environment in decimal.",
  },
  InvalidBoolean: { sentence: "The value is neither true nor false.", mend: "Give true or false." },
  InvalidDuration: {
    sentence: "The value is not a duration.",
    mend: "Give numbers with the units h, m, s or ms, such as 1h30m; there is no unit for days.",
  },
  InvalidExpression: {
    sentence: "The value is no expression of RE2, which is what Go's regular expressions are.",
    mend: "Do without look-around and back-references, and put a backslash before signs that are meant as they are.",
  },
  InvalidList: {
    sentence: "The value is not a list with commas.",
    mend: "Put double quotes round a whole item or nowhere.",
  },
  NodeIdMissing: {
    sentence: "The name of our own node is not known.",
    mend: "Set KURED_NODE_ID from spec.nodeName.",
  },
  InvalidWeekday: {
    sentence: "A day of --reboot-days is none.",
    mend: "Give names such as mon or monday, or numbers from 0 for Sunday to 6, without spaces.",
  },
  InvalidTimeOfDay: {
    sentence: "A time of day cannot be read.",
    mend: "Give it as 9, 9:30, 9:30:00, 9am or 9:30pm, in small letters and without spaces.",
  },
  UnknownTimeZone: {
    sentence: "There is no such time zone.",
    mend: "Give its IANA name in exact spelling, such as Europe/Berlin, or UTC or Local.",
  },
  InvalidRebootMethod: { sentence: "There is no such reboot method.", mend: "Give command or signal." },
  InvalidRebootCommand: {
    sentence: "The reboot command is empty or its quotes do not match.",
    mend: "Give a program of the host and its arguments; no shell reads it unless it is one.",
  },
  InvalidRebootSignal: { sentence: "There is no such signal.", mend: "Give a number from 1 to 64." },
  InvalidSentinelCommand: {
    sentence: "The sentinel command has no word in it or its quotes do not match.",
    mend: 'Give a program of the host and its arguments, such as sh -c "! needs-restarting -r".',
  },
  InvalidSelector: {
    sentence: "The API server would refuse this label selector.",
    mend: "Give key=value pairs with commas between them, or an expression such as key in (a,b).",
  },
  InvalidDrainTimeoutAction: {
    sentence: "There is no such end of a drain.",
    mend: "Give abort, delete or force.",
  },
  InvalidDrainFeasibility: {
    sentence: "There is no such rule for drains that cannot go well.",
    mend: "Give off, warn, block or strict.",
  },
  InvalidReadyElsewhere: {
    sentence: "There is no such wait for replicas.",
    mend: "Give off, reboot or next.",
  },
  InvalidDrainRule: {
    sentence: "A drain rule cannot be understood.",
    mend: "Give it as Skip:app=cache, WaitCompleted,namespace=batch:job-name or Drain,order=10:app=db.",
  },
  InvalidNodeLabel: { sentence: "A label for nodes is not one.", mend: "Give each as key=value, as kubectl takes it." },
  InvalidTaint: { sentence: "The taint has a name that Kubernetes does not take.", mend: "Give a key such as kured." },
  InvalidMetricsPort: { sentence: "There is no such port.", mend: "Give a number from 0 to 65535." },
  NameMissing: { sentence: "A name is empty that must not be.", mend: "Give it, or leave the flag away." },
  NodeMissing: { sentence: "explain needs to know which node.", mend: "Name it as kubectl get nodes does." },
  InvalidOutput: { sentence: "There is no such form of output.", mend: "Give text or json." },
  NotPositive: { sentence: "The value must be greater than it is.", mend: "Give the least value named, or more." },
  InvalidFailedReboot: {
    sentence: "There is no such rule for a reboot that failed.",
    mend: "Give give-back or keep-cordon.",
  },
} as const satisfies Readonly<Record<string, Explanation>>;

/** Stable code of something that keeps us from starting. */
export type ProblemCode = keyof typeof problems;

/** Something that keeps us from starting; `message` holds the offending value and, where kured has any, its words. */
export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
}

/** What we start with all the same, but somebody should know. The codes are stable. */
export const warnings = {
  ServiceLinkIgnored: {
    sentence: "Kubernetes has set one of our environment variables for a Service whose name begins with kured.",
    mend: "Set enableServiceLinks: false in the pod, or give the Service another name.",
  },
  FlagRenamed: { sentence: "The flag has another name now.", mend: "Use the new name." },
  QuotesIgnored: {
    sentence: "Quotes were part of a value and have been taken off.",
    mend: "Leave them away: in a list of arguments each item is one value as it is.",
  },
  ArgumentIgnored: {
    sentence: "An argument belongs to no flag.",
    mend: "Write --flag=value; switches need the equals sign to be turned off.",
  },
  NeverOpen: { sentence: "No day is chosen, so no reboot can ever begin.", mend: "Name days in --reboot-days." },
  NoPeriod: {
    sentence: "Without a period, need for a reboot is only noticed at the start and when the sentinel file changes.",
    mend: "Give --period a duration above 0.",
  },
  DrainTimeoutNegative: { sentence: "Every drain fails at once.", mend: "Give 0 for no limit." },
  LogFormatUnknown: { sentence: "Log lines are written as text.", mend: "Give text or json." },
  EveryPodBlocks: {
    sentence: "An empty selector matches every pod, so that no node is ever rebooted.",
    mend: "Leave the flag away.",
  },
  EveryAlertMatches: {
    sentence: "An empty expression matches every alert.",
    mend: "Leave --alert-filter-regexp away.",
  },
  LabelKeysDiffer: {
    sentence: "Labels set before the reboot and labels set after it have different keys, so some stay as they are.",
    mend: "Name the same keys in both.",
  },
  SlackHookDeprecated: { sentence: "The flag is deprecated.", mend: "Use --notify-url." },
  SlackHookUnused: {
    sentence: "Both --notify-url and --slack-hook-url are given; only the first is used.",
    mend: "Leave --slack-hook-url away.",
  },
} as const satisfies Readonly<Record<string, Explanation>>;

/** Stable code of something that somebody should know. */
export type WarningCode = keyof typeof warnings;

/** Something that somebody should know; `message` is a line for the log. */
export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
}

/** A problem in one line: what, why, how to mend it, and its code. */
export function explainProblem({ code, message }: Problem): string {
  return `${message}. ${problems[code].sentence} ${problems[code].mend} (${code})`;
}

/** A warning of ours in the same form, from what it is about. */
export function warn(code: WarningCode, about: string): Warning {
  return { code, message: `${about}: ${warnings[code].sentence} ${warnings[code].mend} (${code})` };
}
