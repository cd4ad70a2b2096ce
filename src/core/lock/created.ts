/** Go's zero time, which kured before 1.6 left and which Go writes where nothing was set. */
export const zeroCreated = "0001-01-01T00:00:00Z";

/** A wall time in the form in which Go writes one: RFC 3339, UTC, trailing zeros of the fraction trimmed. */
export function formatCreated(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/\.?0*Z$/, "Z");
}

/**
 * The instant of a `created`, in whole milliseconds rounded down; "zero" for Go's zero time; undefined for what
 * Go's time.Time refuses.
 */
export function createdInstantMs(text: string): number | "zero" | undefined {
  const found = rfc3339.exec(text);
  if (found === null) return undefined;
  const [, date = "", time = "", fraction = "", zone = ""] = found;
  // Date.parse rolls 30 February over into March, and Go does not.
  if (!dayExists(date)) return undefined;
  const instantMs = Date.parse(`${date}T${time}.${fraction.padEnd(3, "0").slice(0, 3)}${zone}`);
  if (Number.isNaN(instantMs)) return undefined;
  return instantMs === zeroMs && /^0*$/.test(fraction) ? "zero" : instantMs;
}

const rfc3339 = /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const zeroMs = Date.parse(zeroCreated);

function dayExists(date: string): boolean {
  const midnightMs = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(midnightMs) && new Date(midnightMs).toISOString().startsWith(date);
}
