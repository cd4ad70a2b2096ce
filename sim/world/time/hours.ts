import type { WorldOptions } from "../options.ts";
import type { Dice } from "./dice.ts";

/** How far the clocks of a time zone are ahead of UTC at an instant, by another way than kured's. */
export function offsetReader(timeZone: string): (wallMs: number) => number {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  const known = new Map<number, number>();
  return (wallMs) => {
    // Clocks are changed at a quarter of an hour, and asking is dear.
    const quarter = Math.floor(wallMs / quarterMs);
    const offsetMs = known.get(quarter) ?? Date.parse(`${format.format(quarter * quarterMs)}Z`) - quarter * quarterMs;
    known.set(quarter, offsetMs);
    return offsetMs;
  };
}

const quarterMs = 15 * 60_000;

/** When reboots are allowed. */
export interface Hours {
  readonly zone: string;
  /** Also where one might take it for open, in nights in which the clocks change. */
  readonly isOpen: (wallMs: number) => boolean;
  readonly isOverMidnight: boolean;
}

/** The window of these flags, which have both its ends if one; `undefined` where there is none. */
export function hoursOf(flags: readonly string[]): Hours | undefined {
  const said = (name: string): string | undefined =>
    flags.findLast((flag) => flag.startsWith(`--${name}=`))?.slice(name.length + 3);
  const [start, end, days] = [secondsIn(said("start-time")), secondsIn(said("end-time")), said("reboot-days")];
  if (start === undefined || end === undefined) return undefined;
  const zone = said("time-zone") ?? "UTC";
  const offsetAt = offsetReader(zone);
  const isOverMidnight = start > end;
  const isWithin = (localMs: number): boolean => {
    if (days !== undefined && !days.split(",").includes(dayOf(localMs))) return false;
    const now = Math.floor(localMs / 1_000) % 86_400;
    return isOverMidnight ? now >= start || now <= end : now >= start && now <= end;
  };
  return {
    zone,
    isOverMidnight,
    isOpen: (wallMs) => [-nightMs, 0, nightMs].some((awayMs) => isWithin(wallMs + offsetAt(wallMs + awayMs))),
  };
}

/** Where clocks change so soon, a time of the day may be either of two instants, or none. */
const nightMs = 2 * 3_600_000;

/** `su`, `mo` and so on. */
function dayOf(localMs: number): string {
  return ["su", "mo", "tu", "we", "th", "fr", "sa"][new Date(localMs).getUTCDay()] ?? "";
}

function secondsIn(time: string | undefined): number | undefined {
  const [, hours, minutes] = /^(\d\d):(\d\d)$/.exec(time ?? "") ?? [];
  return hours === undefined ? undefined : (Number(hours) * 60 + Number(minutes)) * 60;
}

/** Where the machines stand, and when the world begins; noon of a Monday in May unless told. */
interface Place {
  readonly zone: string;
  readonly startsAtMs?: number;
}

const minuteMs = 60_000;

const places: readonly Place[] = [
  { zone: "UTC" },
  { zone: "America/New_York" },
  { zone: "Pacific/Chatham" },
  // Shortly before midnight.
  { zone: "Asia/Kolkata", startsAtMs: Date.UTC(2026, 4, 4, 18, 15) },
  { zone: "UTC", startsAtMs: Date.UTC(2026, 4, 4, 23, 50) },
  // Shortly before the clocks go forward, and back: by an hour, by half of one, and over midnight.
  { zone: "Europe/Berlin", startsAtMs: Date.UTC(2026, 2, 29, 0, 45) },
  { zone: "Europe/Berlin", startsAtMs: Date.UTC(2026, 9, 25, 0, 45) },
  { zone: "Australia/Lord_Howe", startsAtMs: Date.UTC(2026, 3, 4, 14, 45) },
  { zone: "Africa/Cairo", startsAtMs: Date.UTC(2026, 3, 23, 21, 45) },
  { zone: "Africa/Cairo", startsAtMs: Date.UTC(2026, 9, 29, 20, 45) },
];

/** Minutes from a world's beginning, to choose from. */
export interface Ends {
  readonly opens: readonly number[];
  readonly closes: readonly number[];
}

/** Within the first hour of a world. */
const soon: Ends = { opens: [-60, -5, 3, 15], closes: [6, 10, 25, 40] };

/** When a world begins, and the flags of a window whose ends fall into it. */
export function drawHours(
  chance: Dice,
  { opens, closes }: Ends = soon,
): Pick<WorldOptions, "startsAtMs"> & { readonly windowFlags: readonly string[] } {
  const { zone, startsAtMs } = chance.pick(places);
  const beginsAtMs = startsAtMs ?? Date.UTC(2026, 4, 4, 12);
  const opensAtMs = beginsAtMs + chance.pick(opens) * minuteMs;
  const closesAtMs = beginsAtMs + chance.pick(closes) * minuteMs;
  const offsetMs = offsetReader(zone)(beginsAtMs);
  const days = chance.chance(0.3) ? [`--reboot-days=${dayOf(beginsAtMs + offsetMs)}`] : [];
  return {
    ...(startsAtMs !== undefined && { startsAtMs }),
    windowFlags: [
      `--start-time=${told(opensAtMs + offsetMs)}`,
      `--end-time=${told(closesAtMs + offsetMs)}`,
      `--time-zone=${zone}`,
      ...days,
    ],
  };
}

function told(localMs: number): string {
  return new Date(localMs).toISOString().slice(11, 16);
}
