import type { MaintenanceRecord } from "./fleet/record.ts";
import type { JsonObject } from "./json.ts";
import type { Milestone } from "./notices/notice.ts";

/**
 * Something to be done now, as data. `key` is stable: while an attempt on it is under way, or resting after a
 * failure, it is not asked for again. Each carries the state that it was decided on, and fails if that has changed.
 */
export type Action =
  /** Moves a record to its next phase, together with what that phase does to the node's schedulability. */
  | {
      readonly kind: "writeRecord";
      readonly key: string;
      readonly step: RecordStep;
      readonly node: string;
      readonly resourceVersion: string;
      /** `undefined` removes the record: the maintenance is over. */
      readonly record: MaintenanceRecord | undefined;
      /** The record that this replaces. */
      readonly was: MaintenanceRecord | undefined;
      /** Sets or clears `spec.unschedulable` in the same write. */
      readonly unschedulable?: boolean;
      /** What else the same write changes on the node. */
      readonly marks?: NodeMarks;
    }
  /** Compare-and-swap on the lock annotation of our DaemonSet. */
  | {
      readonly kind: "writeLedger";
      readonly key: string;
      readonly step: LedgerStep;
      /** Whose entry this is about. */
      readonly node: string;
      readonly resourceVersion: string;
      /** The annotation's new text; `undefined` removes it. */
      readonly text: string | undefined;
    }
  /** Evicts one pod, and no namesake of it: the uid is a precondition. */
  | {
      readonly kind: "evict";
      readonly key: string;
      readonly node: string;
      readonly namespace: string;
      readonly pod: string;
      readonly uid: string;
      /** Negative: the pod's own. */
      readonly gracePeriodSeconds: number;
    }
  /** Deletes one pod, and no namesake of it, because its time is over: no budget is asked. */
  | {
      readonly kind: "deletePod";
      readonly key: string;
      readonly node: string;
      readonly namespace: string;
      readonly pod: string;
      readonly uid: string;
      /** Negative: the pod's own. */
      readonly gracePeriodSeconds: number;
    }
  /** Tells people, at least once: it is done when everybody has been told, or was given up. */
  | {
      readonly kind: "notify";
      readonly key: string;
      readonly node: string;
      readonly milestone: Milestone;
      /** A whole sentence; empty where there is nothing to add. */
      readonly detail: string;
    };

/** Labels, annotations and the taint of kured's flags; `null` removes one. What is not named stays as it is. */
export interface NodeMarks {
  readonly annotations?: Readonly<Record<string, string | null>>;
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly taint?: TaintChange;
}

/** The taint for waiting nodes comes or goes; `all` is the node's whole list then, everybody else's as they were. */
export interface TaintChange {
  readonly change: "added" | "removed";
  readonly all: readonly JsonObject[];
}

/** Why a record is written. */
export type RecordStep =
  /** A new record: we want this node. */
  | "intend"
  /** A lock entry of Go kured without a record becomes ours, with its cordon. */
  | "adopt"
  /** Our entry is in the ledger. */
  | "claim"
  /** The cordon, ours or theirs. */
  | "cordon"
  /** The agent is missing or in doubt, or is back: the drain waits for it, for so long and no longer. */
  | "doubt"
  /** The drain is complete; a reboot delay begins. */
  | "drained"
  /** Who replaces the pods that are to go, before the first goes. */
  | "owners"
  /** The agent may reboot. */
  | "approve"
  /** An approval that was not used is taken back, or a commanded reboot is proven not to have happened. */
  | "resume"
  /** The agent has committed. */
  | "reboot"
  /** The commanded reboot failed for sure; the cordon is kept or given back. */
  | "fail"
  /** The boot has changed. */
  | "return"
  /** The node is given back; the outcome is in the record. */
  | "close"
  /** A new leader takes over the record, or its time, which lay in the future, is set right. */
  | "raiseTerm"
  /** The record stays as it is, or absent: only the marks of a node that waits, or does not any more, change. */
  | "mark"
  /** Only what people have been told, or are to be told, changes. */
  | "note"
  /** The record is removed. */
  | "forget";

/** Why the ledger is written. */
export type LedgerStep =
  /** Our entry is added. */
  | "take"
  /** Our entry gets a new time to live. */
  | "renew"
  /** Our entry is removed. */
  | "release"
  /** The entry of a node that is proven gone is removed. */
  | "free";
