/** What `parseDuration` made of a text. */
export type DurationReading =
  | { readonly kind: "duration"; readonly nanoseconds: bigint }
  /** Not a duration; `message` is Go's own, because kured prints it. */
  | { readonly kind: "invalid"; readonly message: string };

/**
 * Reads a duration in Go's grammar (`time.ParseDuration`), which kured's flags and lock annotation use: an optional
 * sign, then numbers with units from `ns` to `h` in any order, `1h30m` or `-1.5h`; a bare `0` needs no unit.
 */
export function parseDuration(text: string): DurationReading {
  const [, sign = "", body = ""] = /^([-+]?)([^]*)$/.exec(text) ?? [];
  if (body === "0") return { kind: "duration", nanoseconds: 0n };
  if (body === "") return invalid(text);
  let total = 0n;
  for (let rest = body; rest !== "";) {
    const [all, whole = "", fraction, unit = ""] = part.exec(rest) ?? [""];
    if (all === "" || (whole === "" && (fraction ?? "") === "") || BigInt(whole) > limit) return invalid(text);
    if (unit === "") return failure(`missing unit in duration ${quoteBytes(text)}`);
    const unitNanoseconds = units.get(unit);
    if (unitNanoseconds === undefined)
      return failure(`unknown unit ${quoteBytes(unit)} in duration ${quoteBytes(text)}`);
    total += BigInt(whole) * unitNanoseconds + fractionOf(unitNanoseconds, fraction ?? "");
    if (total > limit) return invalid(text);
    rest = rest.slice(all.length);
  }
  if (sign === "-") return { kind: "duration", nanoseconds: -total };
  return total === limit ? invalid(text) : { kind: "duration", nanoseconds: total };
}

/** A duration as Go prints it: `1h30m0s`, `1.5s`, `250µs`, `0s`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds < 0n) return `-${formatDuration(-nanoseconds)}`;
  if (nanoseconds === 0n) return "0s";
  if (nanoseconds < microsecond) return `${nanoseconds}ns`;
  if (nanoseconds < millisecond) return `${decimal(nanoseconds, microsecond)}µs`;
  if (nanoseconds < second) return `${decimal(nanoseconds, millisecond)}ms`;
  const hours = nanoseconds / hour;
  const minutes = (nanoseconds % hour) / minute;
  const seconds = `${decimal(nanoseconds % minute, second)}s`;
  if (hours > 0n) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${minutes}m${seconds}` : seconds;
}

/** The same for milliseconds, the unit of almost all durations here; fractions of a nanosecond are cut off. */
export function formatDurationMs(durationMs: number): string {
  return formatDuration(BigInt(Math.trunc(durationMs * 1e6)));
}

/** Milliseconds, rounded away from zero, so that a duration that is not zero never becomes zero. */
export function durationMs(nanoseconds: bigint): number {
  const whole = Number(nanoseconds / millisecond);
  if (nanoseconds % millisecond === 0n) return whole;
  return nanoseconds > 0n ? whole + 1 : whole - 1;
}

const microsecond = 1_000n;
const millisecond = 1_000_000n;
const second = 1_000_000_000n;
const minute = 60n * second;
const hour = 60n * minute;

/** Go keeps durations in 63 bits; only the negative end reaches the limit itself. */
const limit = 2n ** 63n;

const units: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", microsecond],
  ["\u00b5s", microsecond],
  ["\u03bcs", microsecond],
  ["ms", millisecond],
  ["s", second],
  ["m", minute],
  ["h", hour],
]);

/** One number and what follows it up to the next digit or point. */
const part = /^([0-9]*)(?:\.([0-9]*))?([^0-9.]*)/;

/** In floating point like Go's, so that the last nanosecond comes out the same. */
function fractionOf(unitNanoseconds: bigint, digits: string): bigint {
  const kept = withinLimit(digits);
  if (kept === "") return 0n;
  return BigInt(Math.trunc(Number(kept) * (Number(unitNanoseconds) / 10 ** kept.length)));
}

/** Go drops the digits of a fraction from the first one on that goes beyond 63 bits. */
function withinLimit(digits: string): string {
  let kept = digits;
  while (kept.length > 18 && BigInt(kept) > limit) kept = kept.slice(0, -1);
  return kept;
}

/** `value / unit` with as many decimals as it takes. */
function decimal(value: bigint, unit: bigint): string {
  const decimals = (value % unit).toString().padStart(unit.toString().length - 1, "0");
  const trimmed = decimals.replace(/0+$/, "");
  return trimmed === "" ? `${value / unit}` : `${value / unit}.${trimmed}`;
}

function invalid(text: string): DurationReading {
  return failure(`invalid duration ${quoteBytes(text)}`);
}

function failure(reason: string): DurationReading {
  return { kind: "invalid", message: `time: ${reason}` };
}

/** Go's time package quotes in its own way: everything beyond ASCII as the bytes of its UTF-8. */
function quoteBytes(text: string): string {
  const bytes = text
    .toWellFormed()
    .replace(/["\\]/g, "\\$&")
    .replace(/[^ -\x7f]/gu, (character) =>
      character < " "
        ? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`
        : encodeURIComponent(character).replaceAll("%", "\\x").toLowerCase(),
    );
  return `"${bytes}"`;
}
