import { createdInstantMs } from "./created.ts";
import { decodeString, members } from "./slices.ts";
import type { Member } from "./slices.ts";

/** One holder in kured's lock annotation. */
export interface LedgerEntry {
  /** The Node's name, or any other word where a person set the lock by hand. */
  readonly nodeId: string;
  /** Whether the node was already cordoned when its holder took the lock: then it stays cordoned afterwards. */
  readonly unschedulable: boolean;
  /** As it stands in the annotation, decoded; "" where there is none. With the node it identifies the entry. */
  readonly created: string;
  /** Wall time; undefined where `created` is missing or Go's zero time (kured before 1.6, or a person). */
  readonly createdMs: number | undefined;
  /** How long the entry counts from `created`, in nanoseconds; 0 means without end. */
  readonly ttlNs: bigint;
}

/** Why a value cannot be taken for what Go's encoding/json would read from it. */
export interface FieldFault {
  readonly reason: string;
}

/**
 * Reads one entry as kured does: keys in any case, the last of repeated ones, unknown ones ignored, null like
 * absent, and a wrong type is an error. `raw` must be a valid JSON object.
 */
export function parseEntry(raw: string): LedgerEntry | FieldFault {
  const fields = members(raw);
  const nodeId = field(fields, /^nodeid$/iu) ?? '""';
  const metadata = field(fields, /^metadata$/iu) ?? "{}";
  const created = field(fields, /^created$/iu);
  const ttl = field(fields, /^ttl$/iu) ?? "0";

  if (!nodeId.startsWith('"')) return { reason: "nodeID is not a string" };
  if (!metadata.startsWith("{")) return { reason: "metadata is not an object" };
  const unschedulable = field(members(metadata), /^unschedulable$/iu) ?? "false";
  if (unschedulable !== "true" && unschedulable !== "false")
    return { reason: "unschedulable is neither true nor false" };
  const ttlNs = parseInt64(ttl);
  if (ttlNs === undefined) return { reason: "TTL is not a whole number of nanoseconds" };

  const entry = { nodeId: decodeString(nodeId), unschedulable: unschedulable === "true", ttlNs };
  if (created === undefined) return { ...entry, created: "", createdMs: undefined };
  const instantMs = createdInstantMs(decodeString(created));
  if (instantMs === undefined) return { reason: "created is not a time of RFC 3339" };
  return { ...entry, created: decodeString(created), createdMs: instantMs === "zero" ? undefined : instantMs };
}

/** The last value under a key that is not null, as Go decodes repeated keys; undefined where there is none. */
export function field(fields: readonly Member[], key: RegExp): string | undefined {
  return fields.findLast((member) => key.test(member.key) && member.raw !== "null")?.raw;
}

/** An integer as Go reads one into an int64: digits only, no exponent, no fraction; undefined otherwise. */
export function parseInt64(raw: string): bigint | undefined {
  if (!/^-?\d+$/.test(raw)) return undefined;
  const value = BigInt(raw);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}
