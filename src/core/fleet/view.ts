import type { EvictionOutcome } from "../drain/refusals.ts";
import type { Ledger } from "../lock/ledger.ts";
import type { Memory } from "../memory.ts";
import type { Answer } from "../question.ts";
import type { NodeFacts } from "./node.ts";
import type { Request } from "./request.ts";

/**
 * Everything that is known at one instant. `decide` is level-triggered: it is given what is, not what happened, so
 * an event that was missed costs nothing. Monotonic instants are those of the process that decides.
 */
export interface View {
  readonly nodes: readonly NodeFacts[];
  /** When the oldest of the nodes was last known to be current. */
  readonly nodesObservedAtMs: number;
  readonly ledger: LedgerFacts;
  readonly answers: ReadonlyMap<string, Answer>;
  readonly attempts: ReadonlyMap<string, Attempt>;
  readonly leadership: Leadership;
  /** What was worked out for earlier views; without it everything is worked out anew. */
  readonly memory?: Memory;
}

/** The lock annotation of our DaemonSet, and what else is read there. */
export type LedgerFacts =
  | {
      readonly kind: "seen";
      readonly observedAtMs: number;
      readonly resourceVersion: string;
      /** The annotation's text, `undefined` when there is none. */
      readonly text: string | undefined;
      readonly ledger: Ledger;
      /** A pause of the whole fleet. */
      readonly pause?: Request;
    }
  /** Not readable, or without a reason not read yet; nothing may be claimed. */
  | { readonly kind: "unseen"; readonly reason?: string };

/** What is known about acting on one key. Volatile: losing it costs one retry. */
export interface Attempt {
  /** Set while it is under way. */
  readonly inFlightSinceMs?: number;
  /** Set once it has ended at least once. */
  readonly last?: { readonly outcome: ActionOutcome; readonly endedAtMs: number };
  /** Failures in a row. */
  readonly failures: number;
  /** For evictions: the budget that refused last, kept when it is let go in the end. */
  readonly refusedBy?: string;
  /** Drawn by the loop when the attempt ended, at least 0 and below 1: the core has no randomness of its own. */
  readonly jitter: number;
}

/** How an action ended, by what its caller can do about it. */
export type ActionOutcome =
  | { readonly kind: "done" }
  /** The object had changed: decide again on what is there now. */
  | { readonly kind: "conflict" }
  /** The object is not there any more. */
  | { readonly kind: "gone" }
  | { readonly kind: "eviction"; readonly outcome: EvictionOutcome }
  /** Refused or unanswered; `reason` is for people. Whether it was applied is then read from the cluster. */
  | { readonly kind: "failed"; readonly reason: string };

/** Who may act. Leadership only saves work; what limits concurrency is the ledger. */
export type Leadership =
  | { readonly kind: "leading"; readonly term: number; readonly untilMs: number }
  /** There is nobody else to lead (classic): a record of any term is ours. */
  | { readonly kind: "alone" }
  | { readonly kind: "following"; readonly holder: string };
