/** Days on which a reboot may start: seven answers, Sunday first, as kured counts. */
export type Weekdays = readonly [boolean, boolean, boolean, boolean, boolean, boolean, boolean];

/** Outcome of `parseDays`; the messages are kured's, one for each item that is wrong. */
export type WeekdaysReading =
  | { readonly kind: "days"; readonly days: Weekdays }
  | { readonly kind: "invalid"; readonly messages: readonly string[] };

/**
 * Reads the items of `--reboot-days`: a number from 0 for Sunday to 6, or a name in the long form or cut to two or
 * three letters, in any case. Empty items are skipped, so an empty list is no day at all.
 */
export function parseDays(items: readonly string[]): WeekdaysReading {
  const chosen = new Set<number>();
  const messages: string[] = [];
  for (const item of items) {
    if (item === "") continue;
    const day = integer.test(item) ? Number(item) : names.findIndex((forms) => forms.includes(item.toLowerCase()));
    if (day >= 0 && day <= 6) chosen.add(day);
    else messages.push(`invalid weekday${integer.test(item) ? ", number out of range" : ""}: ${item}`);
  }
  if (messages.length > 0) return { kind: "invalid", messages };
  const has = (day: number): boolean => chosen.has(day);
  return { kind: "days", days: [has(0), has(1), has(2), has(3), has(4), has(5), has(6)] };
}

/** kured's form: three letters for a chosen day, three dashes for any other, Sunday first. */
export function describeDays(days: Weekdays): string {
  return days.map((chosen, day) => (chosen ? shortNames[day] : "---")).join("");
}

/** Whether no day is chosen, so that the window never opens. */
export function isNever(days: Weekdays): boolean {
  return !days.includes(true);
}

const integer = /^[-+]?[0-9]+$/;

const shortNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

const names: readonly (readonly string[])[] = [
  ["su", "sun", "sunday"],
  ["mo", "mon", "monday"],
  ["tu", "tue", "tuesday"],
  ["we", "wed", "wednesday"],
  ["th", "thu", "thursday"],
  ["fr", "fri", "friday"],
  ["sa", "sat", "saturday"],
];
