import { dayOf, instantOf, transitionsIn } from "./civil.ts";
import type { Day } from "./civil.ts";
import { describeTimeOfDay } from "./time-of-day.ts";
import { describeDays, isNever } from "./weekdays.ts";
import type { Weekdays } from "./weekdays.ts";
import type { Zone } from "./zone.ts";

/**
 * kured's window: a daily span on chosen weekdays. The last second belongs to it. A span whose start is after its end
 * goes over midnight, and the weekday asked about is always that of the moment, not that on which the span began:
 * `fr` from 22 to 4 is open early and late on Friday and closed on Saturday.
 */
export interface ClassicWindow {
  readonly days: Weekdays;
  readonly startSecondOfDay: number;
  readonly endSecondOfDay: number;
  readonly zone: Zone;
}

/** Whether a window is open at some instant, and when that changes. */
export interface WindowState {
  readonly open: boolean;
  /** The next instant at which `open` becomes the opposite; `undefined` if it never does. */
  readonly changesAtMs: number | undefined;
}

/** kured's text form: `---MonTueWedThuFri--- between 09:00 and 17:00 America/Los_Angeles`. */
export function describeWindow({ days, startSecondOfDay, endSecondOfDay, zone }: ClassicWindow): string {
  const span = `between ${describeTimeOfDay(startSecondOfDay)} and ${describeTimeOfDay(endSecondOfDay)}`;
  return `${describeDays(days)} ${span} ${zone.name}`;
}

/** The state of a window at a wall-clock instant in whole milliseconds. */
export function windowAt(window: ClassicWindow, wallMs: number): WindowState {
  if (isNever(window.days)) return { open: false, changesAtMs: undefined };
  if (isAlways(window)) return { open: true, changesAtMs: undefined };
  const open = isOpen(window, wallMs);
  return { open, changesAtMs: nextFlip(window, { wallMs, open }) };
}

/**
 * Every second of every day. Said apart because kured has no such case: where clocks go back over midnight it takes
 * the repeated hour to lie after the day's end and closes its default window once a year.
 */
function isAlways({ days, startSecondOfDay, endSecondOfDay }: ClassicWindow): boolean {
  return !days.includes(false) && (endSecondOfDay + 1) % secondsPerDay === startSecondOfDay;
}

function isOpen(window: ClassicWindow, wallMs: number): boolean {
  const day = dayOf(wallMs, window.zone.id);
  // Temporal counts from Monday as 1 to Sunday as 7.
  if (window.days[day.dayOfWeek % 7] !== true) return false;
  const { startMs, endMs } = spanOf(window, day);
  if (window.startSecondOfDay <= window.endSecondOfDay) return startMs <= wallMs && wallMs < endMs;
  // Over midnight kured moves the other end by 24 hours, whatever the clocks do that night.
  return wallMs < endMs ? startMs - dayMs <= wallMs : startMs <= wallMs && wallMs < endMs + dayMs;
}

/** The span's two ends as they fall on that day; the end is the first millisecond that is outside. */
function spanOf({ startSecondOfDay, endSecondOfDay, zone }: ClassicWindow, day: Day) {
  const startMs = instantOf(day, { secondOfDay: startSecondOfDay, zoneId: zone.id });
  const endMs = instantOf(day, { secondOfDay: endSecondOfDay, zoneId: zone.id }) + 1000;
  return { startMs, endMs };
}

/**
 * The first instant after `wallMs` at which the window is not as it is now. Only a few instants of each day can be it,
 * and each is tried. The search is short first, because it nearly always ends within a day or a week. Four weeks are
 * enough: a weekday can fall out of one week where a zone skips a day or an hour, not out of three in a row.
 */
function nextFlip(window: ClassicWindow, { wallMs, open }: { readonly wallMs: number; readonly open: boolean }) {
  for (const days of [2, 8, 28]) {
    const candidates = boundaries(window, { fromMs: wallMs, days });
    const flip = candidates.find((instantMs) => isOpen(window, instantMs) !== open);
    if (flip !== undefined) return flip;
  }
  return undefined;
}

/** Every instant after `fromMs` at which `isOpen` may change its answer, in order. */
function boundaries(window: ClassicWindow, { fromMs, days }: { readonly fromMs: number; readonly days: number }) {
  const toMs = fromMs + days * dayMs;
  const instants = transitionsIn({ fromMs, toMs }, window.zone.id);
  const first = dayOf(fromMs, window.zone.id).subtract({ days: 2 });
  for (let ahead = 0; ahead < days + 4; ahead++) {
    const day = first.add({ days: ahead });
    const { startMs, endMs } = spanOf(window, day);
    instants.push(startMs, startMs - dayMs, endMs, endMs + dayMs, ...midnights(day, window.zone.id));
  }
  return instants.filter((instantMs) => instantMs > fromMs && instantMs <= toMs).sort((a, b) => a - b);
}

/** Where the clocks go back over midnight, a day begins twice. */
function midnights(day: Day, zoneId: string): number[] {
  const midnight = day.toPlainDateTime();
  return (["earlier", "later"] as const).map(
    (disambiguation) => midnight.toZonedDateTime(zoneId, { disambiguation }).epochMilliseconds,
  );
}

const secondsPerDay = 86_400;
const dayMs = secondsPerDay * 1000;
