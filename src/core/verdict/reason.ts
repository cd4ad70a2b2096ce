/**
 * Why a node is where it is. The codes are stable: dashboards, alerts and `docs/verdicts.md` name them. The data is
 * what a sentence needs; sentences are made in `sentence.ts`, on demand.
 */
export type Reason =
  /** The agent looked and found no need. */
  | { readonly code: "NotRequired"; readonly evidence: string }
  /** The agent could not tell; unknown means no. */
  | { readonly code: "SentinelUnknown"; readonly evidence: string }
  /** No agent has reported from this node, or its pod is not running and Ready, or there are two. */
  | { readonly code: "AgentMissing"; readonly detail: string; readonly looking?: true }
  /** The agent says that it could not reboot, for example because the command does not exist. */
  | { readonly code: "CannotReboot"; readonly detail: string }
  /** The report on the Node is not one of ours. */
  | { readonly code: "ReportUnreadable"; readonly detail: string; readonly text: string }
  /** The record on the Node cannot be read; it is never overwritten. */
  | { readonly code: "RecordUnreadable"; readonly detail: string; readonly text: string }
  /** Another installation is at work here. */
  | { readonly code: "OwnedByOther"; readonly owner: string }
  /** Somebody paused the whole fleet or this node. */
  | { readonly code: "Paused"; readonly scope: "fleet" | "node"; readonly reason: string; readonly untilMs?: number }
  /** Somebody holds this node. */
  | { readonly code: "Held"; readonly reason: string; readonly untilMs?: number }
  /** Now is not the time. */
  | { readonly code: "OutsideWindow"; readonly window: string; readonly opensAtMs?: number }
  /** The lock is held, paused by hand, unreadable, or in the other format. */
  | { readonly code: "LockedBy"; readonly holders: readonly string[]; readonly detail: string; readonly looking?: true }
  /** The lock annotation could not be read. */
  | { readonly code: "LockUnknown"; readonly detail: string; readonly looking?: true }
  /** As many nodes as allowed are in maintenance or not available. */
  | { readonly code: "BudgetFull"; readonly limit: number; readonly unavailable: readonly string[] }
  /** Others have needed it for longer. */
  | { readonly code: "Queued"; readonly ahead: number }
  /** A node did not come back; nothing else is begun. */
  | { readonly code: "RollOutStopped"; readonly nodes: readonly string[] }
  /** Prometheus has active alerts. */
  | { readonly code: "BlockedByAlert"; readonly detail: string }
  /** Pods run on the node that must not be disturbed. */
  | { readonly code: "BlockedByPod"; readonly detail: string }
  /** Another gate says no. */
  | { readonly code: "GateClosed"; readonly gate: string; readonly detail: string }
  /** A gate could not be asked; unknown means no. */
  | { readonly code: "GateUnknown"; readonly gate: string; readonly detail: string }
  /** It was given up a short while ago. */
  | { readonly code: "Resting"; readonly untilMs: number; readonly because: string }
  /** What would be decided from is too old. */
  | { readonly code: "ViewTooOld"; readonly what: string }
  /** Its turn: being written down and claimed, or what another kured left there is taken over. */
  | { readonly code: "Claiming"; readonly adopts?: true }
  /** Pods could not be moved away, each with its reason: the node is not drained, or is all the same. */
  | {
      readonly code: "DrainInfeasible";
      readonly blocks: boolean;
      readonly left: number;
      readonly pods: readonly PodInTheWay[];
    }
  /** Pods are going. */
  | ({ readonly code: "Draining" } & DrainProgress)
  /** Pods do not go: each with its reason. */
  | ({ readonly code: "DrainBlocked" } & DrainProgress)
  /** The drain did not end in time. */
  | { readonly code: "DrainTimedOut"; readonly afterMs: number }
  /** Somebody took our cordon away. */
  | { readonly code: "CordonLost" }
  /** Our lock entry is not there any more. */
  | { readonly code: "LockLost" }
  /**
   * Drained; waits for the reboot delay, or for the agent's nonce. `left` where its time was over with so many pods.
   */
  | { readonly code: "Drained"; readonly detail: string; readonly looking?: true; readonly left?: number }
  /** The agent may reboot. */
  | { readonly code: "Approved" }
  /** The reboot was commanded. */
  | { readonly code: "Rebooting"; readonly untilMs: number }
  /** It was commanded and the machine has not come back. */
  | { readonly code: "RebootOverdue"; readonly sinceMs: number; readonly detail: string }
  /** The reboot command failed. */
  | { readonly code: "Failed"; readonly detail: string }
  /** Booted; not Ready yet, or its agent has not spoken. */
  | { readonly code: "Returning"; readonly detail: string }
  /** It was rebooted and still asks for a reboot. */
  | { readonly code: "StillRequired"; readonly evidence: string }
  /** Being given back. */
  | { readonly code: "Closing"; readonly detail: string }
  /** Rebooted, Ready, given back. */
  | { readonly code: "Done" }
  /** Another coordinator leads. */
  | { readonly code: "NotLeading"; readonly holder: string };

/** How far a drain has come. */
export interface DrainProgress {
  /** Absent before they have been looked at. */
  readonly left?: number;
  /** Some of those that are left, the refused ones first. */
  readonly pods: readonly PodInTheWay[];
  /** All that are left, by what becomes of them; absent before they have been looked at. */
  readonly byState?: Readonly<Partial<Record<DrainState, number>>>;
}

/** What becomes of a pod in the way of a drain. */
export type DrainState = (typeof drainStates)[number];

/** To be evicted, refused at the last try, on its way out, and waited for until it has gone by itself. */
export const drainStates = ["due", "refused", "terminating", "waiting"] as const;

/** A pod that keeps a drain from its end. */
export interface PodInTheWay {
  /** `namespace/name` */
  readonly pod: string;
  /** A whole sentence. */
  readonly sentence: string;
}

/**
 * Whether it is said for want of a look that is under way (`looking`, or pods that were not looked at yet): what the
 * look finds, or why it failed, is told within the deadline of a request, so nobody needs to hear of it.
 */
export function isPassing(reason: Reason): boolean {
  if ("looking" in reason) return true;
  return reason.code === "Draining" && reason.left === undefined && reason.pods.length === 0;
}

/** Whether a node in this state keeps all others from being begun: it did not come back (rule 8). */
export function stopsRollOut({ code }: Reason): boolean {
  return code === "Failed" || code === "RebootOverdue";
}

/** The stable name of a reason. */
export type VerdictCode = Reason["code"];

/** What is true of one node now. The first reason is the decisive one. */
export interface Verdict {
  readonly node: string;
  readonly reasons: readonly [Reason, ...Reason[]];
  /** The maintenance that this is about, if there is one. */
  readonly recordId?: string;
}
