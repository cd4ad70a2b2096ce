import { formatInstant } from "../../core/json.ts";

/** A length of time in one unit, as a person would say it: `0.3 s`, `45 s`, `12 min`, `3 h`, `5 d`. */
export function span(durationMs: number): string {
  const seconds = Math.max(0, durationMs) / 1000;
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 120 * 60) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** How long ago an instant was. It was read off another machine's clock, so it may lie in our future. */
export function ago(instantMs: number, nowMs: number): string {
  // Clocks that are kept right differ by less.
  if (instantMs > nowMs + 2_000) return `${span(instantMs - nowMs)} in the future of this machine's clock`;
  return `${span(nowMs - instantMs)} ago`;
}

/** Since when something is as it is: `for 4 min (since …)`. */
export function lasting(sinceMs: number, nowMs: number): string {
  return sinceMs > nowMs + 2_000
    ? `since ${instant(sinceMs)}, ${ago(sinceMs, nowMs)}`
    : `for ${span(nowMs - sinceMs)} (since ${instant(sinceMs)})`;
}

/** RFC 3339 in UTC, to the second. */
export function instant(ms: number): string {
  return formatInstant(ms).replace(/\.\d{3}Z$/, "Z");
}
