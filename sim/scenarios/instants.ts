/** When every world begins, by the clock on the wall: its day is a Monday. */
const startMs = 12 * 3_600_000;

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `12:05` or `12:05:30` as milliseconds from the world's beginning at noon; `undefined` if it is none. */
export function instantMs(text: string): number | undefined {
  const [, hours, minutes, seconds = "0"] = /^(\d\d):([0-5]\d)(?::([0-5]\d))?$/.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) return undefined;
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000 - startMs;
  return ms < 0 ? undefined : ms;
}

/** An instant of a world as the clock on the wall shows it; hours go on after midnight. */
export function wallClock(ms: number): string {
  const seconds = Math.floor((startMs + ms) / 1_000);
  return [seconds / 3_600, (seconds / 60) % 60, seconds % 60]
    .map((part) => String(Math.floor(part)).padStart(2, "0"))
    .join(":");
}

/** `90s`, `5m`, `2h`, also with a sign, in milliseconds. */
export function durationMs(text: string): number {
  const [, sign = "", amount = "", unit = ""] = /^([+-]?)(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  return (sign === "-" ? -1 : 1) * Number(amount) * (unitMs[unit] ?? Number.NaN);
}
