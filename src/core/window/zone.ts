/** A time zone, with the name it was asked for and the one under which Temporal knows it. */
export interface Zone {
  /** What kured prints: an IANA name, `UTC` or `Local`. */
  readonly name: string;
  readonly id: string;
}

/** Outcome of `parseZone`; the message is Go's. */
export type ZoneReading =
  | { readonly kind: "zone"; readonly zone: Zone }
  | { readonly kind: "invalid"; readonly message: string };

/** The zone of kured's default `--time-zone`. */
export const utc: Zone = { name: "UTC", id: "UTC" };

/**
 * Reads the name of a time zone as kured's `--time-zone` does: empty for UTC, `Local` for `localZone` (the process's
 * own), else an IANA name, in which case counts.
 */
export function parseZone(name: string, { localZone }: { readonly localZone: string }): ZoneReading {
  if (name === "" || name === utc.name) return { kind: "zone", zone: utc };
  if (name === "Local") return { kind: "zone", zone: { name, id: localZone } };
  if (/^[/\\]|\.\./.test(name)) return { kind: "invalid", message: "time: invalid location name" };
  // Temporal ignores case and answers in the right one; its names that start with a sign are offsets, not zones.
  if (/^[-+]/.test(name) || knownAs(name) !== name) return { kind: "invalid", message: `unknown time zone ${name}` };
  return { kind: "zone", zone: { name, id: name } };
}

function knownAs(name: string): string | undefined {
  try {
    return new Temporal.ZonedDateTime(0n, name).timeZoneId;
  } catch {
    return undefined;
  }
}
