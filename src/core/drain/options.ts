import type { DrainRule } from "./rules.ts";
import type { Selector } from "./selector.ts";

/** What may be removed, by the names of kubectl's flags; kured drains with the first three true. */
export interface DrainOptions {
  /** Also pods that nobody would replace, and pods of a DaemonSet that is gone. */
  readonly force: boolean;
  /** Leave pods of a DaemonSet where they are, rather than refusing to drain. */
  readonly ignoreDaemonSets: boolean;
  /** Also pods whose emptyDir volumes are lost with them. */
  readonly deleteEmptyDirData: boolean;
  /** Only these pods are drained; absent for all of them. */
  readonly podSelector?: Selector;
  /** A pod that is this many seconds past its grace period is not waited for; 0 or less waits for every pod. */
  readonly skipWaitForDeleteSeconds: number;
  /** For some of the pods; the first that matches counts. None unless given. */
  readonly rules?: readonly DrainRule[];
  /** What evictions ask for; negative means each pod's own. */
  readonly gracePeriodSeconds: number;
}

/** Whether the DaemonSet that a pod names as its controller exists; unknown after an error that was not 404. */
export type DaemonSetState = "exists" | "gone" | "unknown";

/** What the plan of one node depends on. */
export interface DrainScene {
  readonly options: DrainOptions;
  /** By `namespace/name`; what is not in it has not been asked yet. */
  readonly daemonSets: ReadonlyMap<string, DaemonSetState>;
  /** The node's deletion times are compared with this wall time. */
  readonly wallMs: number;
}

/** Why a pod stays on the drained node. */
export type LeaveReason =
  /** Its DaemonSet would start it again at once. */
  | "daemonSet"
  /** The kubelet starts it from a file. */
  | "mirror"
  /** It is further past its grace period than one wants to wait. */
  | "skippedDeletion"
  /** The pod selector does not match it. */
  | "notSelected"
  /** Its own label or annotation, or a drain rule, exempts it. */
  | "exempt";
