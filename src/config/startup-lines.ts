import { formatDuration, formatDurationMs } from "../core/duration.ts";
import { describeWindow } from "../core/window/classic.ts";
import type { RebootSettings, SentinelSettings, Settings } from "./settings.ts";

/** The lines with which kured says what it was told; people and their log searches know them. */
export function startupLines(settings: Settings, version: string): readonly string[] {
  const { nodeId, command } = settings;
  const onNode = command === "classic" || command === "agent";
  const deciding = command === "classic" || command === "coordinator";
  return [
    `Kubernetes Reboot Daemon: ${version}`,
    ...(onNode ? [`Node ID: ${nodeId}`] : []),
    ...(deciding ? gateLines(settings) : []),
    ...(onNode ? [`Reboot period ${formatDurationMs(settings.periodMs)}`] : []),
    ...(deciding ? policyLines(settings) : []),
    ...(onNode ? [...rebootLines(settings.reboot), sentinelLine(settings.sentinel)] : []),
    ...(deciding ? lockLines(settings) : []),
  ];
}

function gateLines({ preferNoScheduleTaint, blockingPodSelectors }: Settings): readonly string[] {
  return [
    `PreferNoSchedule taint: ${preferNoScheduleTaint}`,
    `Blocking Pod Selectors: [${blockingPodSelectors.join(" ")}]`,
  ];
}

function policyLines({ lock, annotateNodes, window }: Settings): readonly string[] {
  return [
    `Concurrency: ${lock.concurrency}`,
    ...(annotateNodes ? ["Will annotate nodes during kured reboot operations"] : []),
    `Reboot schedule: ${describeWindow(window)}`,
  ];
}

function rebootLines({ method }: RebootSettings): readonly string[] {
  const detail = method.kind === "command" ? `command: ${method.command.text}` : `signal: ${method.signalNumber}`;
  return [`Reboot method: ${method.kind}`, `Reboot ${detail}`];
}

function sentinelLine(sentinel: SentinelSettings): string {
  return sentinel.kind === "file"
    ? `Sentinel checker is (unprivileged) testing for the presence of: ${sentinel.path}`
    : `Sentinel checker is (privileged) user provided command: ${sentinel.command.text}`;
}

function lockLines({ lock }: Settings): readonly string[] {
  const { daemonSetNamespace, daemonSetName, annotation, ttlNanoseconds, releaseDelayMs } = lock;
  return [
    `Lock Annotation: ${daemonSetNamespace}/${daemonSetName}:${annotation}`,
    ttlNanoseconds > 0n
      ? `Lock TTL set, lock will expire after: ${formatDuration(ttlNanoseconds)}`
      : "Lock TTL not set, lock will remain until being released",
    releaseDelayMs > 0
      ? `Lock release delay set, lock release will be delayed by: ${formatDurationMs(releaseDelayMs)}`
      : "Lock release delay not set, lock will be released immediately after rebooting",
  ];
}
