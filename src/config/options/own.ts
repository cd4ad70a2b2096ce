import type { Option } from "./option.ts";

/** What kured does not have. The names stay clear of kured's, and of those that Kubernetes gives to service links. */
export const ownOptions = {
  "boot-id-file": {
    type: "string",
    default: "",
    commands: ["classic", "agent"],
    environmentOnly: true,
    usage: "for tests: file to read the boot identity from, instead of the kernel",
  },
  "command-timeout": {
    type: "duration",
    default: "1m0s",
    commands: ["classic", "agent"],
    usage: "how long the sentinel command and the reboot command may run before they are stopped",
  },
  context: {
    type: "string",
    default: "",
    commands: ["status", "explain", "cleanup"],
    usage: "context of the kubeconfig to use; empty is its current one",
  },
  "drain-feasibility": {
    type: "string",
    default: "block",
    commands: ["coordinator"],
    usage:
      "what comes of a drain that cannot go well, before the cordon: block begins none while a pod can never be evicted and tells of pods that could run nowhere else, strict begins none because of those either, warn only tells, off does not ask",
  },
  "drain-hard-end": {
    type: "duration",
    default: "0s",
    commands: ["classic", "coordinator"],
    usage:
      "how long after the cordon the reboot goes on whatever is left; pods are deleted in time for their own grace periods; 0 is never",
  },
  "drain-rule": {
    type: "stringArray",
    default: undefined,
    commands: ["classic", "coordinator"],
    usage:
      "what a drain does with some of the pods, as BEHAVIOR[,order=N][,namespace=NAME]:SELECTOR with Drain, Skip or WaitCompleted; may be given several times, the first match counts",
  },
  "drain-timeout-action": {
    type: "string",
    default: "abort",
    commands: ["classic", "coordinator"],
    usage:
      "what comes after --drain-timeout: abort gives the node back, delete deletes the pods that are left without asking their budgets, force reboots all the same",
  },
  "failed-reboot": {
    type: "string",
    default: "give-back",
    commands: ["classic", "coordinator"],
    usage:
      "what becomes of a drained node that did not reboot: give-back uncordons it, keep-cordon leaves it for people",
  },
  kubeconfig: {
    type: "string",
    default: "",
    commands: ["status", "explain", "cleanup"],
    usage: "kubeconfig file to use; empty is $KUBECONFIG, then ~/.kube/config",
  },
  "lease-duration": {
    type: "duration",
    default: "15s",
    commands: ["coordinator"],
    usage: "how long a coordinator leads without renewing its Lease before another may take over",
  },
  "lease-name": {
    type: "string",
    default: "kured",
    commands: ["coordinator", "status", "explain", "cleanup"],
    usage: "name of the Lease by which the coordinators choose their leader",
  },
  "max-unavailable": {
    type: "int",
    default: "1",
    commands: ["coordinator"],
    usage: "how many nodes may be unavailable at once, for whatever reason, while we reboot another",
  },
  output: {
    type: "string",
    default: "text",
    commands: ["status", "explain"],
    shorthand: "o",
    usage: "form of the output: text for people, json for machines",
  },
  "pod-name": {
    type: "string",
    default: "",
    commands: ["classic", "agent", "coordinator"],
    environmentOnly: true,
    usage: "our pod's name, from metadata.name",
  },
  "pod-namespace": {
    type: "string",
    default: "",
    commands: ["classic", "agent", "coordinator"],
    environmentOnly: true,
    usage: "our pod's namespace, from metadata.namespace",
  },
  "pod-uid": {
    type: "string",
    default: "",
    commands: ["classic", "agent", "coordinator"],
    environmentOnly: true,
    usage: "our pod's uid, from metadata.uid",
  },
  "ready-elsewhere": {
    type: "string",
    default: "off",
    commands: ["coordinator"],
    usage:
      "what waits until the owners of the pods that went have all their replicas again: reboot, next (only the next node), or off for nothing",
  },
  "ready-elsewhere-timeout": {
    type: "duration",
    default: "5m0s",
    commands: ["coordinator"],
    usage: "how long --ready-elsewhere waits for them at the most",
  },
  "reboot-deadline": {
    type: "duration",
    default: "10m0s",
    commands: ["classic", "agent", "coordinator"],
    usage: "how long a reboot may take, from its command until the node is back, before the node is overdue",
  },
  "volume-detach-timeout": {
    type: "duration",
    default: "0s",
    commands: ["classic", "coordinator"],
    usage:
      "how long a drained node waits for the volumes of its pods to be detached before the reboot; 0 is not at all",
  },
} as const satisfies Readonly<Record<string, Option>>;
