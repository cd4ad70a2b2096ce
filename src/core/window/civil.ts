/** A calendar day of some zone. */
export type Day = Temporal.PlainDate;

/** The calendar day on which an instant falls. */
export function dayOf(wallMs: number, zoneId: string): Day {
  return zoned(wallMs, zoneId).toPlainDate();
}

/**
 * The instant of a wall time on a day, in milliseconds. Where the clocks skip or repeat that time, the instant is the
 * one that Go's `time.Date` takes, because kured's windows stand on it: the offset that was guessed by taking the
 * wall time for UTC is corrected once.
 */
export function instantOf(
  day: Day,
  { secondOfDay, zoneId }: { readonly secondOfDay: number; readonly zoneId: string },
) {
  const asUtcMs = day.toZonedDateTime("UTC").epochMilliseconds + secondOfDay * 1000;
  const guessMs = asUtcMs - offsetMs(asUtcMs, zoneId);
  return asUtcMs - offsetMs(guessMs, zoneId);
}

/** The instants in a span, its end included, at which the zone's clocks change. */
export function transitionsIn(span: { readonly fromMs: number; readonly toMs: number }, zoneId: string): number[] {
  const instants: number[] = [];
  let next = zoned(span.fromMs, zoneId).getTimeZoneTransition("next");
  while (next !== null && next.epochMilliseconds <= span.toMs) {
    instants.push(next.epochMilliseconds);
    next = next.getTimeZoneTransition("next");
  }
  return instants;
}

function offsetMs(wallMs: number, zoneId: string): number {
  return zoned(wallMs, zoneId).offsetNanoseconds / 1e6;
}

function zoned(wallMs: number, zoneId: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(wallMs).toZonedDateTimeISO(zoneId);
}
