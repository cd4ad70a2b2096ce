import type { DrainOptions } from "../drain/options.ts";
import type { ClassicWindow } from "../window/classic.ts";
import type { GatePolicy } from "./gate.ts";

/** What the operator wants, after all flags, defaults and checks. */
export interface Policy {
  /** `namespace/name` of our DaemonSet: the owner that records name, and the object that holds the ledger. */
  readonly owner: string;
  /** How many nodes may be in maintenance at once (`--concurrency`); also decides the lock's format. */
  readonly concurrency: number;
  /** Zero or less: our entries never expire (`--lock-ttl`). */
  readonly lockTtlNs: bigint;
  /** How long the ledger entry is kept after the node was given back (`--lock-release-delay`). */
  readonly lockReleaseDelayMs: number;
  readonly window: ClassicWindow;
  /** All of these must be open (`--prometheus-url`, `--blocking-pod-selector`), in the order in which they are told. */
  readonly gates: readonly GatePolicy[];
  readonly drain: DrainOptions;
  /** What comes of a drain that cannot go well, before it is begun (`--drain-feasibility`). */
  readonly drainFeasibility: FeasibilityPolicy;
  /** Zero: without limit (`--drain-timeout`). */
  readonly drainTimeoutMs: number;
  /**
   * What comes then: give up, delete what is left, or reboot all the same (`--drain-timeout-action`, `--force-reboot`).
   */
  readonly onDrainTimeout: DrainTimeoutAction;
  /** Zero: none. From the cordon on; then the reboot goes on, whatever is left (`--drain-hard-end`). */
  readonly drainHardEndMs: number;
  /** How long an empty node waits for its volumes to be detached; zero: not at all (`--volume-detach-timeout`). */
  readonly volumeDetachTimeoutMs: number;
  readonly readyElsewhere: ReadyElsewherePolicy;
  /** Between the claim and the cordon (`--drain-delay`). */
  readonly drainDelayMs: number;
  /** Between the drain and the approval (`--reboot-delay`). */
  readonly rebootDelayMs: number;
  /** How long a commanded reboot, and then the return, may take before the node is overdue. */
  readonly rebootDeadlineMs: number;
  /** What happens to our cordon when the reboot is proven not to happen. */
  readonly failedReboot: "giveBack" | "keepCordon";
  /** How long a node that was given up waits for its next claim (`--period`). */
  readonly retryMs: number;
  /** Whether the pod named in a report must be seen running and Ready: `self` where the claimant is that pod. */
  readonly agentProof: "pod" | "self";
  readonly evictionsInFlight: number;
  /**
   * The deciding coordinator's own pod: never evicted, because it dies with the reboot anyway and its Lease is free for
   * the next then. Its node is the last of the queue (rule 9). Absent where the decider is no pod that a drain removes.
   */
  readonly self?: { readonly namespace: string; readonly pod: string; readonly node: string };
  readonly freshness: Freshness;
  /** Whether there is anybody to notify (`--notify-url`, `--slack-hook-url`). */
  readonly notices: boolean;
  readonly marks: MarkPolicy;
}

/** What is asked about a drain before it is begun, and what keeps it from being begun. */
export type FeasibilityPolicy =
  /** Nothing is asked. */
  | "off"
  /** It is told, and the drain is begun all the same. */
  | "warn"
  /** A pod that is never evicted keeps its node from being drained; one that could run nowhere else is told. */
  | "block"
  /** Both keep the node from being drained. */
  | "strict";

/** What becomes of a drain that does not end in time. */
export type DrainTimeoutAction =
  /** The node is given back, and tried again later. */
  | "abort"
  /** The pods that are left are deleted, each with its grace period; their budgets are not asked. */
  | "delete"
  /** The machine is rebooted with whatever is left on it. */
  | "force";

/** What waits until the owners of the pods that went have all their replicas again (`--ready-elsewhere`). */
export interface ReadyElsewherePolicy {
  /** Nothing; the reboot; or only the lock, and so the next node. */
  readonly waits: "nothing" | "reboot" | "next";
  /** From the last pod, or from when the node was given back; then it goes on all the same. */
  readonly timeoutMs: number;
}

/** What else than a cordon a node carries for others to see. */
export interface MarkPolicy {
  /** kured's two annotations (`--annotate-nodes`). */
  readonly annotateNodes: boolean;
  /** The key of the taint for nodes that wait for their reboot (`--prefer-no-schedule-taint`); empty is none. */
  readonly taint: string;
  /** Set at the claim (`--pre-reboot-node-labels`). */
  readonly labelsBefore?: Readonly<Record<string, string>>;
  /** Set when the node is given back (`--post-reboot-node-labels`). */
  readonly labelsAfter?: Readonly<Record<string, string>>;
}

/** How old an observation may be where something hangs on it. Watches make all of these free. */
export interface Freshness {
  /** The ledger while waiting for a place in it. */
  readonly waitingMs: number;
  /** Nodes and ledger while nothing is about to happen. */
  readonly restingMs: number;
  /** Pods of a node in hand while they are going. */
  readonly goingMs: number;
  /** Gates that keep a node from its turn. */
  readonly gatesMs: number;
  /** Anything that an irreversible step rests on. */
  readonly decisiveMs: number;
}
