import type { LeaseRecord } from "./lease.ts";

/** A Lease as we know it, and since when, by our own monotonic clock, it has looked like this. */
export interface Sighting {
  readonly record: LeaseRecord;
  readonly unchangedSinceMs: number;
}

/** What one candidate knows. */
export interface Candidate {
  readonly identity: string;
  /** The term that this process leads in; `undefined` while it does not lead. */
  readonly leadingTerm: number | undefined;
  /** The term of its last acquisition, even if no answer came; `undefined` while there was none. */
  readonly claimedTerm: number | undefined;
  /** The highest term this process has seen. A Lease that was deleted and made anew must not count from one again. */
  readonly highestTerm: number;
  /** For holders who do not say for how long they hold. */
  readonly leaseDurationMs: number;
}

/** What to do about a Lease. */
export type ElectionStep =
  /** There is none: make it ours. */
  | { readonly kind: "create"; readonly term: number }
  /** It is free, its holder has been silent for too long, or was this process in an earlier life: make it ours. */
  | { readonly kind: "acquire"; readonly term: number }
  /** It is ours, of this very term. */
  | { readonly kind: "renew"; readonly term: number }
  /** Somebody else holds it. */
  | { readonly kind: "wait"; readonly holder: string };

/** The rules of leader election over one Lease; `sighting` is `undefined` where surely no Lease exists. */
export function electionStep(sighting: Sighting | undefined, candidate: Candidate, nowMs: number): ElectionStep {
  if (sighting === undefined) return { kind: "create", term: candidate.highestTerm + 1 };
  const { record, unchangedSinceMs } = sighting;
  const { holder, term, durationMs = candidate.leaseDurationMs } = record;
  if (holder === candidate.identity && term === candidate.leadingTerm) return { kind: "renew", term };
  const silent = nowMs - unchangedSinceMs >= durationMs;
  if (holder !== "" && !silent && !isOurOwn(record, candidate)) return { kind: "wait", holder };
  return { kind: "acquire", term: Math.max(term, candidate.highestTerm) + 1 };
}

/**
 * Held by a previous life of this process, or by this one without knowing, as the answer was lost: nobody to wait
 * for, but a new term, as old writes may still be on their way. A living namesake, though, is somebody else: two
 * processes that take the Lease from each other for ever would be worse than none.
 */
function isOurOwn({ holder, term }: LeaseRecord, { identity, claimedTerm }: Candidate): boolean {
  return holder === identity && (claimedTerm === undefined || claimedTerm === term);
}

/** Our clock for a holder starts again whenever its Lease is seen to change, never at the instants it states. */
export function sight(previous: Sighting | undefined, record: LeaseRecord, nowMs: number): Sighting {
  const unchanged = previous !== undefined && previous.record.fingerprint === record.fingerprint;
  return { record, unchangedSinceMs: unchanged ? previous.unchangedSinceMs : nowMs };
}
