import { parseDrainRule } from "../../core/drain/rule-grammar.ts";
import type { DrainRule } from "../../core/drain/rules.ts";
import { parseRequirements } from "../../core/drain/selector-grammar.ts";
import { isLabelKey, isLabelValue } from "../../core/fleet/labels.ts";
import type { DrainTimeoutAction, FeasibilityPolicy, ReadyElsewherePolicy } from "../../core/policy/policy.ts";
import { durationMs } from "../../core/duration.ts";
import type { ClassicWindow } from "../../core/window/classic.ts";
import { parseTimeOfDay } from "../../core/window/time-of-day.ts";
import { isNever, parseDays } from "../../core/window/weekdays.ts";
import { parseZone, utc } from "../../core/window/zone.ts";
import type { Findings } from "./findings.ts";
import type { AlertSettings, DrainSettings, LockSettings, NodeLabel, NotificationSettings } from "../settings.ts";
import type { Values } from "../values.ts";

/** When reboots may begin. */
export function windowSettings(
  values: Values,
  { findings, localZone }: { readonly findings: Findings; readonly localZone: string },
): ClassicWindow {
  const refuse = windowRefusal(findings);
  const days = parseDays(values.list("reboot-days") ?? []);
  if (days.kind === "invalid") for (const message of days.messages) refuse("InvalidWeekday", message);
  if (days.kind === "days" && isNever(days.days)) findings.warn("NeverOpen", "--reboot-days is empty");
  const ends = [values.text("start-time"), values.text("end-time")].map((text) => {
    const reading = parseTimeOfDay(text);
    if (reading.kind === "time") return reading.secondOfDay;
    refuse("InvalidTimeOfDay", reading.message);
    return 0;
  });
  const zone = parseZone(values.text("time-zone"), { localZone });
  if (zone.kind === "invalid") refuse("UnknownTimeZone", zone.message);
  return {
    days: days.kind === "days" ? days.days : [false, false, false, false, false, false, false],
    startSecondOfDay: ends[0] ?? 0,
    endSecondOfDay: ends[1] ?? 0,
    zone: zone.kind === "zone" ? zone.zone : utc,
  };
}

/** kured's lock on its DaemonSet. */
export function lockSettings(values: Values, findings: Findings): LockSettings {
  const ttlNanoseconds = values.duration("lock-ttl");
  return {
    daemonSetName: required("ds-name", { values, findings }),
    daemonSetNamespace: required("ds-namespace", { values, findings }),
    annotation: required("lock-annotation", { values, findings }),
    ttlNanoseconds: ttlNanoseconds > 0n ? ttlNanoseconds : 0n,
    ttlMs: Math.max(0, durationMs(ttlNanoseconds)),
    releaseDelayMs: Math.max(0, durationMs(values.duration("lock-release-delay"))),
    concurrency: Math.max(1, values.int("concurrency")),
  };
}

/** The coordinators' Lease. */
export function leaseSettings(values: Values, findings: Findings) {
  const durationNanoseconds = values.duration("lease-duration");
  // The Lease object counts whole seconds.
  if (durationNanoseconds < 1_000_000_000n) findings.refuse("NotPositive", "lease-duration must be 1s or more");
  return { name: required("lease-name", { values, findings }), durationMs: durationMs(durationNanoseconds) };
}

/** How nodes are drained. */
export function drainSettings(values: Values, findings: Findings): DrainSettings {
  const podSelector = values.text("drain-pod-selector");
  checkSelector("drain-pod-selector", { selector: podSelector, findings });
  const timeoutMs = durationMs(values.duration("drain-timeout"));
  if (timeoutMs < 0) findings.warn("DrainTimeoutNegative", "--drain-timeout is below 0");
  const gracePeriodSeconds = values.int("drain-grace-period");
  return {
    delayMs: Math.max(0, durationMs(values.duration("drain-delay"))),
    timeoutMs: timeoutMs === 0 ? undefined : Math.max(0, timeoutMs),
    onTimeout: onTimeout(values, findings),
    feasibility: feasibility(values, findings),
    hardEndMs: Math.max(0, durationMs(values.duration("drain-hard-end"))),
    volumeDetachTimeoutMs: Math.max(0, durationMs(values.duration("volume-detach-timeout"))),
    readyElsewhere: readyElsewhere(values, findings),
    gracePeriodSeconds: gracePeriodSeconds < 0 ? undefined : gracePeriodSeconds,
    podSelector,
    skipWaitForDeleteTimeoutSeconds: Math.max(0, values.int("skip-wait-for-delete-timeout")),
    rules: drainRules(values, findings),
  };
}

function onTimeout(values: Values, findings: Findings): DrainTimeoutAction {
  const text = values.text("drain-timeout-action");
  if (text === "abort" || text === "delete" || text === "force") return text;
  const message = `invalid drain-timeout-action ${text}, expected abort, delete or force`;
  findings.refuse("InvalidDrainTimeoutAction", message);
  return "abort";
}

function feasibility(values: Values, findings: Findings): FeasibilityPolicy {
  const text = values.text("drain-feasibility");
  if (text === "off" || text === "warn" || text === "block" || text === "strict") return text;
  const message = `invalid drain-feasibility ${text}, expected off, warn, block or strict`;
  findings.refuse("InvalidDrainFeasibility", message);
  return "off";
}

function readyElsewhere(values: Values, findings: Findings): ReadyElsewherePolicy {
  const text = values.text("ready-elsewhere");
  const timeoutMs = Math.max(0, durationMs(values.duration("ready-elsewhere-timeout")));
  if (text === "reboot" || text === "next") return { waits: text, timeoutMs };
  if (text !== "off")
    findings.refuse("InvalidReadyElsewhere", `invalid ready-elsewhere ${text}, expected off, reboot or next`);
  return { waits: "nothing", timeoutMs };
}

function drainRules(values: Values, findings: Findings): readonly DrainRule[] {
  return (values.list("drain-rule") ?? []).flatMap((text) => {
    const reading = parseDrainRule(text);
    if (reading.kind === "rule") return [reading.rule];
    findings.refuse("InvalidDrainRule", `invalid drain-rule: ${reading.reason}`);
    return [];
  });
}

/** Which alerts stop reboots. */
export function alertSettings(values: Values, findings: Findings): AlertSettings {
  const filter = values.expression("alert-filter-regexp");
  if (filter === "") findings.warn("EveryAlertMatches", "--alert-filter-regexp is empty");
  return {
    prometheusUrl: values.text("prometheus-url"),
    filter,
    matchOnly: values.bool("alert-filter-match-only"),
    firingOnly: values.bool("alert-firing-only"),
  };
}

/** Which pods stop reboots. */
export function blockingPodSelectors(values: Values, findings: Findings): readonly string[] {
  const selectors = values.list("blocking-pod-selector") ?? [];
  for (const selector of selectors) {
    checkSelector("blocking-pod-selector", { selector, findings });
    if (selector.trim() === "") findings.warn("EveryPodBlocks", "--blocking-pod-selector is empty");
  }
  return selectors;
}

/** Who is told. */
export function notificationSettings(values: Values, findings: Findings): NotificationSettings {
  const url = withoutQuotes(values.text("notify-url"));
  const slackHookUrl = withoutQuotes(values.text("slack-hook-url"));
  if (url !== "" && slackHookUrl !== "") {
    findings.warn("SlackHookUnused", "--slack-hook-url is ignored");
  } else if (slackHookUrl !== "") {
    findings.warnInWords("SlackHookDeprecated", "Deprecated flag(s). Please use --notify-url flag instead.");
  }
  return {
    url,
    slackHookUrl,
    slackUsername: values.text("slack-username"),
    slackChannel: values.text("slack-channel"),
    templates: {
      drain: values.text("message-template-drain"),
      reboot: values.text("message-template-reboot"),
      uncordon: values.text("message-template-uncordon"),
    },
  };
}

/** The labels of a node round its reboot; both lists together, because their keys belong together. */
export function labelSettings(values: Values, findings: Findings) {
  const pre = labelsOf("pre-reboot-node-labels", { values, findings });
  const post = labelsOf("post-reboot-node-labels", { values, findings });
  if (keysOf(pre) !== keysOf(post)) {
    const keys = "pre-reboot-node-labels keys and post-reboot-node-labels keys";
    findings.warnInWords("LabelKeysDiffer", `${keys} do not match, resulting in unexpected behaviour`);
  }
  return { preRebootNodeLabels: pre, postRebootNodeLabels: post };
}

/** The key of the taint for waiting nodes; one that Kubernetes would not take is refused before it stops a reboot. */
export function taintSetting(values: Values, findings: Findings): string {
  const name = values.text("prefer-no-schedule-taint");
  if (name === "" || isLabelKey(name)) return name;
  findings.refuse("InvalidTaint", `invalid prefer-no-schedule-taint: "${name}" is not the key of a taint`);
  return "";
}

/** Takes one pair of equal quotes off a text of more than two characters, as kured does with its URLs. */
export function withoutQuotes(text: string): string {
  return text.length > 2 && /^(["'])[^]*\1$/.test(text) ? text.slice(1, -1) : text;
}

interface Reading {
  readonly values: Values;
  readonly findings: Findings;
}

function required(name: "ds-name" | "ds-namespace" | "lock-annotation" | "lease-name", { values, findings }: Reading) {
  const text = values.text(name);
  if (text === "") findings.refuse("NameMissing", `${name} must not be empty`);
  return text;
}

function windowRefusal(findings: Findings) {
  return (code: "InvalidWeekday" | "InvalidTimeOfDay" | "UnknownTimeZone", message: string): void =>
    findings.refuse(code, `Failed to build time window: ${message}`);
}

function checkSelector(
  flag: string,
  { selector, findings }: { readonly selector: string; readonly findings: Findings },
) {
  const parsed = parseRequirements(selector);
  if ("reason" in parsed) findings.refuse("InvalidSelector", `invalid ${flag} ${selector}: ${parsed.reason}`);
}

/** What follows a second `=` is dropped, as kured does. */
function labelsOf(name: "pre-reboot-node-labels" | "post-reboot-node-labels", { values, findings }: Reading) {
  return values.list(name)?.flatMap((item): NodeLabel[] => {
    const [key = "", value] = item.split("=");
    const fault =
      key === "" || value === undefined
        ? `${item} is not key=value`
        : !isLabelKey(key)
          ? `"${key}" is not the key of a label`
          : `"${value}" is not the value of a label`;
    if (value !== undefined && isLabelKey(key) && isLabelValue(value)) return [{ key, value }];
    findings.refuse("InvalidNodeLabel", `invalid ${name}: ${fault}`);
    return [];
  });
}

function keysOf(labels: readonly NodeLabel[] | undefined): string {
  return (labels ?? [])
    .map(({ key }) => key)
    .sort()
    .join();
}
