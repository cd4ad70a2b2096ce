import type { MaintenanceRecord } from "../fleet/record.ts";
import type { CommandResult, Need, ReportReading, ShutdownState } from "../fleet/report.ts";
import type { Attempt } from "../fleet/view.ts";

/** What an agent knows of its own machine and its own Node at one instant. Monotonic instants are its own. */
export interface HostView {
  /** The pod that this agent runs in; empty where it does not know. */
  readonly pod: string;
  /** When this process began. */
  readonly startedAtMs: number;
  readonly boot: string;
  readonly bootedAtMs?: number;
  /** The last look at the sentinel; absent before the first. */
  readonly sentinel?: SentinelSighting;
  /** Why no reboot could be commanded here. */
  readonly impediment?: string;
  /** Our Node, as last seen; absent before the first look. */
  readonly node?: OwnNode;
  /** The nonce that an approval must echo, if one is out. */
  readonly nonce?: { readonly value: string; readonly drawnAtMs: number };
  /** The commit of this very process. */
  readonly commit?: Commit;
  /** Whether a shutdown is pending, as last asked. */
  readonly shutdown?: { readonly state: ShutdownState; readonly observedAtMs: number };
  readonly attempts: ReadonlyMap<string, Attempt>;
}

/** What the sentinel said, and when (monotonic) it was asked. */
export interface SentinelSighting {
  readonly need: Need;
  readonly evidence: string;
  readonly observedAtMs: number;
  /** When it ended: a slow command's answer is as fresh as its end. */
  readonly endedAtMs?: number;
}

/** The part of its own Node that an agent reads: metadata only. */
export interface OwnNode {
  readonly name: string;
  readonly uid: string;
  /** When the request for it was sent, or when its watch last spoke. */
  readonly observedAtMs: number;
  readonly report: ReportReading;
  /** Our installation's record, if there is a readable one; `text` is the annotation's. */
  readonly record?: { readonly record: MaintenanceRecord; readonly text: string };
  readonly paused: boolean;
  readonly held: boolean;
}

/** How far this process has come with one approval. */
export interface Commit {
  readonly approval: string;
  /** When the commit was sent: the reboot command must run within ten seconds of it. */
  readonly sentAtMs: number;
  readonly state:
    /** Sent; no answer yet, or none that tells whether it was applied. */
    | { readonly kind: "unsure" }
    /** Applied: the command may run. */
    | { readonly kind: "confirmed" }
    /** The command is running. */
    | { readonly kind: "commanding" }
    | { readonly kind: "ended"; readonly result: CommandResult };
}
