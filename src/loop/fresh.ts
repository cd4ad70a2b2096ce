/**
 * Until when (monotonic) something that was seen then is fresh enough. What was never seen is never fresh, also where
 * any age would do: the sum alone would be no number, and nothing is later or earlier than that.
 */
export function freshUntil(observedAtMs: number, freshForMs: number): number {
  return observedAtMs === -Infinity ? -Infinity : observedAtMs + freshForMs;
}
