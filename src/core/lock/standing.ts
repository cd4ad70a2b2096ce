import type { LedgerEntry } from "./entry.ts";

/** What is known of the Node that an entry names. */
export type HolderNode =
  | {
      readonly kind: "present";
      readonly uid: string;
      readonly ready: boolean;
      readonly unschedulable: boolean;
      /** For how long it has been Ready and schedulable without a break. */
      readonly settledForMs: number;
      /** Since when (wall time) it has not been Ready; absent while it is. */
      readonly awaySinceMs?: number;
    }
  /** A fresh GET said 404. A cache that lacks it proves nothing. */
  | { readonly kind: "gone" }
  | { readonly kind: "unknown" };

/** What we recorded when the entry was written; without one an entry is foreign. */
export interface HolderRecord {
  /** The entry's `created` as we wrote it: an entry of another `created` is not the recorded one. */
  readonly created: string;
  readonly nodeUid: string;
  /** While the machine reboots: wall time until which it may be away, or register anew under another uid. */
  readonly keptUntilMs?: number;
}

/** What one entry of the lock means for those who wait. Only `expired` and `holderGone` may be dropped. */
export type Standing =
  /** No creation time and no such Node: a person holds the whole fleet, without end. */
  | { readonly kind: "pauseByHand" }
  /** No creation time and such a Node exists: a kured before 1.6 holds it, without end. */
  | { readonly kind: "heldOld" }
  /** Somebody holds it. `untilMs` (wall time) is absent where nothing but its release ends it. */
  | { readonly kind: "held"; readonly untilMs?: number }
  /** Its time was over at `sinceMs`, and its node works again. */
  | { readonly kind: "expired"; readonly sinceMs: number }
  /** Its time was over at `sinceMs`, but its node is not back in service: waited for, and told. */
  | { readonly kind: "expiredUnsettled"; readonly sinceMs: number; readonly reason: string }
  /** The machine that held it is proven to exist no more. */
  | { readonly kind: "holderGone" }
  | { readonly kind: "ours" };

/** What the meaning of an entry depends on. */
export interface StandingScene {
  readonly wallMs: number;
  readonly node: HolderNode;
  /** How long a node must have been in service before an expired entry of its is dropped. */
  readonly settleMs: number;
  /** Absent where we have none for this node: the entry is foreign. */
  readonly record?: HolderRecord | undefined;
}

/** The meaning of one entry. Whatever is not proven to be over is held. */
export function standing(entry: LedgerEntry, scene: StandingScene): Standing {
  const { node, record, wallMs } = scene;
  if (record !== undefined && record.created === entry.created) return standingOfOurs(record, scene);
  if (entry.createdMs === undefined) return standingWithoutCreation(node);
  if (node.kind === "gone") return { kind: "holderGone" };
  const untilMs = endMs(entry.createdMs, entry.ttlNs);
  if (untilMs === undefined) return { kind: "held" };
  // A creation in the future is held too: its end lies further ahead still.
  if (wallMs < untilMs) return { kind: "held", untilMs };
  const reason = unsettled(scene);
  if (reason !== undefined) return { kind: "expiredUnsettled", sinceMs: untilMs, reason };
  return { kind: "expired", sinceMs: untilMs };
}

/** A machine that reboots may lose its Node and register anew, so its place is kept until it must be back. */
function standingOfOurs({ nodeUid, keptUntilMs }: HolderRecord, { node, wallMs }: StandingScene): Standing {
  const away = node.kind === "gone" || (node.kind === "present" && node.uid !== nodeUid);
  const awaited = keptUntilMs !== undefined && wallMs < keptUntilMs;
  return away && !awaited ? { kind: "holderGone" } : { kind: "ours" };
}

function standingWithoutCreation(node: HolderNode): Standing {
  switch (node.kind) {
    case "present":
      return { kind: "heldOld" };
    case "gone":
      // A node that an old kured locked and that was deleted since looks the same as a word set by a person.
      return { kind: "pauseByHand" };
    case "unknown":
      return { kind: "held" };
  }
}

/** The wall time at which an entry ends, rounded up; undefined where a TTL of 0 or less says never. */
function endMs(createdMs: number, ttlNs: bigint): number | undefined {
  return ttlNs > 0n ? createdMs + Number((ttlNs + 999_999n) / 1_000_000n) : undefined;
}

/** Why the node of an expired entry is not back in service; undefined where it is. */
function unsettled({ node, settleMs }: StandingScene): string | undefined {
  if (node.kind !== "present") return "its node is not known";
  if (!node.ready) return "its node is not Ready";
  if (node.unschedulable) return "its node is cordoned";
  if (node.settledForMs < settleMs) return "its node is back for too short a time";
  return undefined;
}
