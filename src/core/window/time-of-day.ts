/** Outcome of `parseTimeOfDay`: seconds since midnight by the wall clock, or kured's message. */
export type TimeOfDayReading =
  | { readonly kind: "time"; readonly secondOfDay: number }
  | { readonly kind: "invalid"; readonly message: string };

/**
 * Reads a time of day in the layouts of kured's `--start-time` and `--end-time`: `9`, `9:30`, `9:30:00`, `9am`,
 * `09:30pm`. Beyond kured, the hour before am or pm may always have one digit, as kured's documentation says.
 */
export function parseTimeOfDay(text: string): TimeOfDayReading {
  const seconds = onTwelveHours(text) ?? onTwentyFourHours(text);
  if (seconds === undefined) return { kind: "invalid", message: `invalid time format: ${text}` };
  return { kind: "time", secondOfDay: seconds };
}

/** `HH:MM`, the form in which kured shows the ends of a window; seconds are not shown. */
export function describeTimeOfDay(secondOfDay: number): string {
  const two = (value: number): string => Math.floor(value).toString().padStart(2, "0");
  return `${two(secondOfDay / 3600)}:${two((secondOfDay % 3600) / 60)}`;
}

/** Hour 0 is taken for 12, as Go does. */
function onTwelveHours(text: string): number | undefined {
  const [, hour, minute = "00", half] = /^([0-9]{1,2})(?::([0-9]{2}))?(am|pm)$/.exec(text) ?? [];
  if (hour === undefined || Number(hour) > 12 || Number(minute) > 59) return undefined;
  return ((Number(hour) % 12) + (half === "pm" ? 12 : 0)) * 3600 + Number(minute) * 60;
}

/** A fraction of a second may follow the seconds; it is ignored. */
function onTwentyFourHours(text: string): number | undefined {
  const parts = /^([0-9]{1,2})(?::([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?)?$/.exec(text);
  if (parts === null) return undefined;
  const [hour = 0, minute = 0, second = 0] = parts.slice(1).map((digits) => Number(digits ?? 0));
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return hour * 3600 + minute * 60 + second;
}
