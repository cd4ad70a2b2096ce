import type { DrainRule } from "../core/drain/rules.ts";
import type { DrainTimeoutAction, FeasibilityPolicy, ReadyElsewherePolicy } from "../core/policy/policy.ts";
import type { ClassicWindow } from "../core/window/classic.ts";
import type { Command } from "./options/option.ts";

/**
 * What one process was told, checked and with every default filled in. A command's options that it does not know have
 * their defaults. Durations are in milliseconds.
 */
export interface Settings {
  readonly command: Command;
  /** Arguments that belong to no flag: the node of `explain`. Classic ignores them, as kured does. */
  readonly positionals: readonly string[];
  /** Our own node; empty for commands that need none. */
  readonly nodeId: string;
  readonly pod: PodSettings;
  readonly log: { readonly format: LogFormat };
  readonly metrics: { readonly host: string; readonly port: number };
  /** The longest time between two looks at the sentinel; 0 looks only at the start and when the file changes. */
  readonly periodMs: number;
  readonly sentinel: SentinelSettings;
  readonly reboot: RebootSettings;
  readonly window: ClassicWindow;
  readonly lock: LockSettings;
  readonly lease: { readonly name: string; readonly durationMs: number };
  /** How many nodes may be unavailable at once, for whatever reason. At least 1. */
  readonly maxUnavailable: number;
  readonly drain: DrainSettings;
  /** Reboot although the drain has failed. */
  readonly forceReboot: boolean;
  readonly alerts: AlertSettings;
  /** Pods that stop their node's reboot; one match of one selector is enough. An empty selector matches every pod. */
  readonly blockingPodSelectors: readonly string[];
  readonly notifications: NotificationSettings;
  readonly annotateNodes: boolean;
  /** Name of the taint for waiting nodes; empty is none. */
  readonly preferNoScheduleTaint: string;
  /** `undefined` if the flag is not given; an empty list is given. */
  readonly preRebootNodeLabels: readonly NodeLabel[] | undefined;
  readonly postRebootNodeLabels: readonly NodeLabel[] | undefined;
  /** Kubeconfig file and its context for commands at a terminal; empty is what kubectl would take. */
  readonly kubeconfig: { readonly path: string; readonly context: string };
  /** Form in which commands at a terminal print. */
  readonly output: OutputFormat;
}

/** `json` is for machines. */
export type OutputFormat = "text" | "json";

/** Form of the log lines. */
export type LogFormat = "text" | "json";

/** Our own pod from the downward API; empty texts where it does not say. */
export interface PodSettings {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
}

/** How to find out whether a reboot is required. */
export type SentinelSettings =
  /** A reboot is required while this file exists. */
  | { readonly kind: "file"; readonly path: string }
  /** A reboot is required if this command ends with 0. */
  | { readonly kind: "command"; readonly command: ShellWords; readonly timeoutMs: number };

/** A command as it was given, and the words that are run. */
export interface ShellWords {
  readonly text: string;
  readonly words: readonly [string, ...string[]];
}

/** How to reboot, and what to make of it. */
export interface RebootSettings {
  readonly method:
    | { readonly kind: "command"; readonly command: ShellWords; readonly timeoutMs: number }
    | { readonly kind: "signal"; readonly signalNumber: number };
  /** Between the end of the drain and the reboot. */
  readonly delayMs: number;
  /** How long it may take from its command until the node is back. */
  readonly deadlineMs: number;
  /** What becomes of a drained node that did not reboot. */
  readonly failed: FailedReboot;
  /** For tests: where to read the boot identity from instead of the kernel. */
  readonly bootIdFile: string | undefined;
}

/** `give-back` uncordons a drained node that did not reboot; `keep-cordon` leaves it for people to look at. */
export type FailedReboot = "give-back" | "keep-cordon";

/** kured's lock. */
export interface LockSettings {
  readonly daemonSetName: string;
  readonly daemonSetNamespace: string;
  readonly annotation: string;
  /** As it is written into the lock; 0 never ends. */
  readonly ttlNanoseconds: bigint;
  readonly ttlMs: number;
  readonly releaseDelayMs: number;
  /** Holders at once; at least 1. More than one writes kured's other lock format. */
  readonly concurrency: number;
}

/** How a node is drained. */
export interface DrainSettings {
  /** Between taking the lock and the cordon. */
  readonly delayMs: number;
  /** `undefined` is without limit; 0 lets every drain fail. */
  readonly timeoutMs: number | undefined;
  readonly onTimeout: DrainTimeoutAction;
  /** Only a coordinator asks. */
  readonly feasibility: FeasibilityPolicy;
  /** From the cordon on; 0 is none. */
  readonly hardEndMs: number;
  /** Between the last pod and the reboot; 0 does not wait. */
  readonly volumeDetachTimeoutMs: number;
  /** Only a coordinator waits. */
  readonly readyElsewhere: ReadyElsewherePolicy;
  /** `undefined` leaves it to each pod. */
  readonly gracePeriodSeconds: number | undefined;
  /** Empty is every pod. */
  readonly podSelector: string;
  /** Pods that have been terminating for longer are not waited for; 0 waits for all. */
  readonly skipWaitForDeleteTimeoutSeconds: number;
  /** The first that matches a pod counts. */
  readonly rules: readonly DrainRule[];
}

/** The gate that asks Prometheus. */
export interface AlertSettings {
  /** Empty is no such gate. */
  readonly prometheusUrl: string;
  /** RE2, not yet compiled; `undefined` is not given, and an empty one matches every alert. */
  readonly filter: string | undefined;
  readonly matchOnly: boolean;
  readonly firingOnly: boolean;
}

/** Who is told, and in which words. URLs are secrets: they are never logged. */
export interface NotificationSettings {
  readonly url: string;
  readonly slackHookUrl: string;
  readonly slackUsername: string;
  readonly slackChannel: string;
  /** Formats of Go's `Sprintf`, each with the node's name as its argument. */
  readonly templates: { readonly drain: string; readonly reboot: string; readonly uncordon: string };
}

/** A label that a node gets before or after its reboot. */
export interface NodeLabel {
  readonly key: string;
  readonly value: string;
}
