import type { Clock } from "../ports/clock.ts";

/**
 * How old what we decide from is, by its name: a watch, a look that was asked for, the Lease. A name that is not
 * mentioned is fine.
 */
export interface Contacts {
  /**
   * It is wanted and has not come; counts from the first call after the last `content`. `reason` is the last failure.
   */
  wanting(what: string, reason: string): void;
  /** It came, or nobody wants it any more. */
  content(what: string): void;
  /** A watch showed what was the case at this monotonic instant; from now on silence is a fault, too. */
  heard(what: string, observedAtMs: number): void;
  /** A watch that was ended: nothing more is expected of it. */
  forget(what: string): void;
  /** A sentence for each that has been wanted for longer than `patienceMs` or silent for longer than `silenceMs`. */
  faults(limits: { readonly patienceMs: number; readonly silenceMs: number }): readonly string[];
  /** How old the news of each watch is, in milliseconds. */
  ages(): ReadonlyMap<string, number>;
}

/** Nothing is wanted and nothing was heard yet. */
export function createContacts({ now }: Pick<Clock, "now">): Contacts {
  const wanted = new Map<string, { readonly sinceMs: number; readonly reason: string }>();
  const heardAtMs = new Map<string, number>();
  const ageMs = (atMs: number) => Math.max(0, now().monotonicMs - atMs);
  return {
    wanting: (what, reason) => {
      const sinceMs = wanted.get(what)?.sinceMs ?? now().monotonicMs;
      wanted.set(what, { sinceMs, reason });
    },
    content: (what) => void wanted.delete(what),
    heard: (what, observedAtMs) => {
      heardAtMs.set(what, Math.max(observedAtMs, heardAtMs.get(what) ?? -Infinity));
      wanted.delete(what);
    },
    forget: (what) => {
      wanted.delete(what);
      heardAtMs.delete(what);
    },
    faults: ({ patienceMs, silenceMs }) => {
      const inVain = Array.from(wanted).flatMap(([what, { sinceMs, reason }]) =>
        ageMs(sinceMs) > patienceMs ? [`${what} could not be had for ${seconds(ageMs(sinceMs))} (${reason})`] : [],
      );
      const silent = Array.from(heardAtMs).flatMap(([what, atMs]) =>
        ageMs(atMs) > silenceMs && !wanted.has(what) ? [`${what} has been silent for ${seconds(ageMs(atMs))}`] : [],
      );
      return [...inVain, ...silent];
    },
    ages: () => new Map(Array.from(heardAtMs, ([what, atMs]) => [what, ageMs(atMs)])),
  };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
