import { kuredNotificationOptions } from "./kured-notifications.ts";
import type { Command, Option } from "./option.ts";

const everyDaemon = ["classic", "agent", "coordinator"] as const satisfies readonly Command[];
const everyCommand = [
  "classic",
  "agent",
  "coordinator",
  "status",
  "explain",
  "cleanup",
] as const satisfies readonly Command[];
const nodeSide = ["classic", "agent"] as const satisfies readonly Command[];
const deciding = ["classic", "coordinator"] as const satisfies readonly Command[];

/** The 43 flags of kured 1.23, with its types and defaults; the sentences are our own. */
export const kuredOptions = {
  ...kuredNotificationOptions,
  "alert-filter-match-only": {
    type: "bool",
    default: "false",
    commands: deciding,
    usage: "let only the alerts that match --alert-filter-regexp stop reboots, instead of all others",
  },
  "alert-filter-regexp": {
    type: "regexp",
    default: undefined,
    commands: deciding,
    usage: "names of alerts that do not stop reboots, as an RE2 expression that may match anywhere in the name",
  },
  "alert-firing-only": {
    type: "bool",
    default: "false",
    commands: deciding,
    usage: "do not let pending alerts stop reboots",
  },
  "annotate-nodes": {
    type: "bool",
    default: "false",
    commands: deciding,
    usage: "write on each node, as annotations, when it last needed a reboot and that one is in progress",
  },
  "blocking-pod-selector": {
    type: "stringArray",
    default: undefined,
    commands: deciding,
    usage: "label selector of pods that stop the reboot of their node; may be given several times, any match counts",
  },
  concurrency: {
    type: "int",
    default: "1",
    commands: deciding,
    usage: "how many nodes may hold the reboot lock at once",
  },
  "drain-delay": {
    type: "duration",
    default: "0s",
    commands: deciding,
    usage: "how long to wait between taking the lock and cordoning the node",
  },
  "drain-grace-period": {
    type: "int",
    default: "-1",
    commands: deciding,
    usage: "seconds that evicted pods get to end; below 0 each pod's own period counts",
  },
  "drain-pod-selector": {
    type: "string",
    default: "",
    commands: deciding,
    usage: "label selector of the pods to drain; empty drains all",
  },
  "drain-timeout": {
    type: "duration",
    default: "0s",
    commands: deciding,
    usage: "how long a drain may take before it is given up; 0 is without limit",
  },
  "ds-name": {
    type: "string",
    default: "kured",
    commands: everyCommand,
    usage: "name of the DaemonSet that carries the reboot lock",
  },
  "ds-namespace": {
    type: "string",
    default: "kube-system",
    commands: everyCommand,
    usage: "namespace of the DaemonSet that carries the reboot lock",
  },
  "end-time": {
    type: "string",
    default: "23:59:59",
    commands: deciding,
    usage: "time of day until which reboots may begin, such as 5pm, 17:00 or 23:59:59",
  },
  "force-reboot": {
    type: "bool",
    default: "false",
    commands: deciding,
    usage: "reboot even if the drain fails or takes too long",
  },
  "lock-annotation": {
    type: "string",
    default: "weave.works/kured-node-lock",
    commands: everyCommand,
    usage: "annotation of the DaemonSet that holds the reboot lock",
  },
  "lock-release-delay": {
    type: "duration",
    default: "0s",
    commands: deciding,
    usage: "how long a rebooted node keeps the lock before the next one may have it",
  },
  "lock-ttl": {
    type: "duration",
    default: "0s",
    commands: deciding,
    usage: "how long other kured pods honour our lock if it is not renewed; 0 is for ever",
  },
  "log-format": {
    type: "string",
    default: "text",
    commands: everyDaemon,
    usage: "form of the log lines: text or json",
  },
  "metrics-host": {
    type: "string",
    default: "",
    commands: everyDaemon,
    usage: "address on which metrics and health are served; empty is every interface",
  },
  "metrics-port": {
    type: "int",
    default: "8080",
    commands: everyDaemon,
    usage: "port on which metrics and health are served",
  },
  "node-id": {
    type: "string",
    default: "",
    commands: everyDaemon,
    usage: "name of the node that we run on; from spec.nodeName through the environment",
  },
  period: {
    type: "duration",
    default: "1h0m0s",
    commands: nodeSide,
    usage: "the longest time between two looks at whether a reboot is required",
  },
  "post-reboot-node-labels": {
    type: "stringSlice",
    default: undefined,
    commands: deciding,
    usage: "labels key=value that a node gets after it is uncordoned",
  },
  "pre-reboot-node-labels": {
    type: "stringSlice",
    default: undefined,
    commands: deciding,
    usage: "labels key=value that a node gets before it is cordoned",
  },
  "prefer-no-schedule-taint": {
    type: "string",
    default: "",
    commands: [...deciding, "cleanup"],
    usage: "name of a PreferNoSchedule taint for nodes that wait for their reboot; empty sets none",
  },
  "prometheus-url": {
    type: "string",
    default: "",
    commands: deciding,
    usage: "address of the Prometheus whose active alerts stop reboots",
  },
  "reboot-command": {
    type: "string",
    default: "/bin/systemctl reboot",
    commands: nodeSide,
    usage: "command that reboots the host, run in its mount namespace",
  },
  "reboot-days": {
    type: "stringSlice",
    default: "su,mo,tu,we,th,fr,sa",
    commands: deciding,
    usage: "days of the week on which reboots may begin",
  },
  "reboot-delay": {
    type: "duration",
    default: "0s",
    commands: deciding,
    usage: "how long to wait between the end of the drain and the reboot",
  },
  "reboot-method": {
    type: "string",
    default: "command",
    commands: nodeSide,
    usage: "how to reboot: command runs --reboot-command, signal sends --reboot-signal to the host's init",
  },
  "reboot-sentinel": {
    type: "string",
    default: "/var/run/reboot-required",
    commands: nodeSide,
    usage: "file whose existence says that a reboot is required",
  },
  "reboot-sentinel-command": {
    type: "string",
    default: "",
    commands: nodeSide,
    usage: "command, run in the host's mount namespace, that says with exit code 0 that a reboot is required",
  },
  "reboot-signal": {
    type: "int",
    default: "39",
    commands: nodeSide,
    usage: "number of the signal that makes the host's init reboot; 39 is SIGRTMIN+5 of glibc",
  },
  "skip-wait-for-delete-timeout": {
    type: "int",
    default: "0",
    commands: deciding,
    usage: "do not wait for pods that have been terminating for more than so many seconds; 0 waits for all",
  },
  "start-time": {
    type: "string",
    default: "0:00",
    commands: deciding,
    usage: "time of day from which reboots may begin, such as 9am, 9:00 or 0:00",
  },
  "time-zone": {
    type: "string",
    default: "UTC",
    commands: deciding,
    usage: "time zone of --start-time, --end-time and --reboot-days, by its IANA name, or Local",
  },
} as const satisfies Readonly<Record<string, Option>>;
