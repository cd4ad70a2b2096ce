import { durationMs } from "../../core/duration.ts";
import type { Findings } from "./findings.ts";
import { rebootSettings, sentinelSettings } from "./node-settings.ts";
import type { Command } from "../options/option.ts";
import {
  alertSettings,
  blockingPodSelectors,
  drainSettings,
  labelSettings,
  leaseSettings,
  lockSettings,
  notificationSettings,
  windowSettings,
  taintSetting,
} from "./policy-settings.ts";
import type { LogFormat, OutputFormat, Settings } from "../settings.ts";
import type { Values } from "../values.ts";

/**
 * Makes settings of values. Everything wrong goes to `findings`, in the order in which kured would come across it;
 * with problems there, the answer is not to be used.
 */
export function buildSettings(
  values: Values,
  parts: {
    readonly command: Command;
    readonly positionals: readonly string[];
    readonly localZone: string;
    readonly findings: Findings;
  },
): Settings {
  const { command, positionals, localZone, findings } = parts;
  const log = { format: logFormatOf(values, findings) };
  return {
    command,
    positionals,
    nodeId: nodeIdOf(values, { command, findings }),
    pod: { uid: values.text("pod-uid"), name: values.text("pod-name"), namespace: values.text("pod-namespace") },
    log,
    notifications: notificationSettings(values, findings),
    ...labelSettings(values, findings),
    periodMs: periodOf(values, findings),
    window: windowSettings(values, { findings, localZone }),
    reboot: rebootSettings(values, findings),
    sentinel: sentinelSettings(values, findings),
    alerts: alertSettings(values, findings),
    blockingPodSelectors: blockingPodSelectors(values, findings),
    lock: lockSettings(values, findings),
    lease: leaseSettings(values, findings),
    maxUnavailable: maxUnavailableOf(values, findings),
    drain: drainSettings(values, findings),
    forceReboot: values.bool("force-reboot"),
    annotateNodes: values.bool("annotate-nodes"),
    preferNoScheduleTaint: taintSetting(values, findings),
    metrics: metricsOf(values, findings),
    kubeconfig: { path: values.text("kubeconfig"), context: values.text("context") },
    output: outputOf(values, findings),
  };
}

/** Anything but `json` is text, as in kured. */
function logFormatOf(values: Values, findings: Findings): LogFormat {
  const format = values.text("log-format");
  if (format !== "text" && format !== "json") findings.warn("LogFormatUnknown", `--log-format=${format}`);
  return format === "json" ? "json" : "text";
}

function nodeIdOf(values: Values, { command, findings }: { readonly command: Command; readonly findings: Findings }) {
  const nodeId = values.text("node-id");
  const needed = command === "classic" || command === "agent";
  if (needed && nodeId === "") findings.refuse("NodeIdMissing", "KURED_NODE_ID environment variable required");
  return nodeId;
}

function periodOf(values: Values, findings: Findings): number {
  const periodMs = durationMs(values.duration("period"));
  if (periodMs <= 0) findings.warn("NoPeriod", "--period is not above 0");
  return Math.max(0, periodMs);
}

function maxUnavailableOf(values: Values, findings: Findings): number {
  const maxUnavailable = values.int("max-unavailable");
  if (maxUnavailable < 1) findings.refuse("NotPositive", `max-unavailable must be 1 or more: ${maxUnavailable}`);
  return maxUnavailable;
}

function outputOf(values: Values, findings: Findings): OutputFormat {
  const output = values.text("output");
  if (output === "text" || output === "json") return output;
  findings.refuse("InvalidOutput", `invalid output configured ${output}, expected text or json`);
  return "text";
}

/** kured wants an IPv6 address in brackets; the socket wants none. */
function metricsOf(values: Values, findings: Findings): Settings["metrics"] {
  const port = values.int("metrics-port");
  if (port < 0 || port > 65_535) {
    findings.refuse("InvalidMetricsPort", `listen tcp: address ${port}: invalid port`);
  }
  return { host: values.text("metrics-host").replace(/^\[(.*)\]$/, "$1"), port };
}
