import { allOptions } from "../../src/config/options.ts";
import type { NamedOption, OptionName } from "../../src/config/options.ts";

/** An option as the chart's templates see it. */
export interface ChartOption {
  /** Without the dashes. */
  readonly flag: string;
  /** Its key below `configuration`; empty if the chart sets it by itself or has no value for it. */
  readonly value: string;
  readonly type: NamedOption["type"];
  readonly commands: readonly string[];
}

/** The order of the arguments in chart 6.1.0, so that an upgrade changes no DaemonSet for nothing. Others follow. */
const order: readonly OptionName[] = [
  "metrics-host",
  "metrics-port",
  "lock-ttl",
  "lock-release-delay",
  "alert-filter-regexp",
  "alert-firing-only",
  "alert-filter-match-only",
  "blocking-pod-selector",
  "end-time",
  "lock-annotation",
  "period",
  "force-reboot",
  "drain-grace-period",
  "drain-pod-selector",
  "drain-delay",
  "drain-timeout",
  "skip-wait-for-delete-timeout",
  "prometheus-url",
  "reboot-days",
  "pre-reboot-node-labels",
  "post-reboot-node-labels",
  "reboot-sentinel",
  "reboot-sentinel-command",
  "reboot-command",
  "reboot-delay",
  "reboot-method",
  "reboot-signal",
  "slack-channel",
  "slack-hook-url",
  "slack-username",
  "notify-url",
  "message-template-drain",
  "message-template-reboot",
  "message-template-uncordon",
  "start-time",
  "time-zone",
  "annotate-nodes",
  "prefer-no-schedule-taint",
  "log-format",
  "concurrency",
];

/** Of no use as values: the chart knows them from the release and the pod. */
const setByChart: readonly OptionName[] = ["ds-name", "ds-namespace", "node-id"];

/** Every option that a daemon has a flag for, those with a value of their own in the order of the arguments. */
export function chartOptions(): readonly ChartOption[] {
  return daemonOptions()
    .map(({ name, type, commands }) => ({
      flag: name,
      value: setByChart.includes(name) ? "" : valueName(name),
      type,
      commands: commands.filter((command) => daemons.includes(command)),
    }))
    .sort((a, b) => rank(a.flag) - rank(b.flag));
}

/** The options of the daemons, in the order of their names. */
export function daemonOptions(): readonly NamedOption[] {
  return allOptions().filter(
    ({ commands, environmentOnly }) =>
      environmentOnly !== true && commands.some((command) => daemons.includes(command)),
  );
}

/** `lock-ttl` is `lockTtl` in values. */
export function valueName(option: string): string {
  return option.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Whether the chart sets an option by itself, so that it is no value. */
export function isSetByChart(name: OptionName): boolean {
  return setByChart.includes(name);
}

const daemons: readonly string[] = ["classic", "agent", "coordinator"];

function rank(flag: string): number {
  const place = order.findIndex((name) => name === flag);
  return place < 0 ? order.length : place;
}
