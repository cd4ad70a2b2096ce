import type { Reason } from "../verdict/reason.ts";

/** Who takes a place, and how many there are; `slotsInUse` says what counts. */
export interface Slots {
  readonly limit: number;
  readonly taken: readonly TakenPlace[];
  /** The nodes of `taken`. */
  readonly nodes: ReadonlySet<string>;
  /** What every node is told that has no place; `undefined` while there is a free one. */
  readonly full: Reason | undefined;
}

/** One node, or one word in the lock, that takes a place. */
export interface TakenPlace {
  readonly node: string;
  /** A clause for people: `n1 holds the lock`. */
  readonly clause: string;
  /** Also where the node is not known: of two that may be control-plane nodes one is too many. */
  readonly controlPlane: boolean;
}

/** So many places, and these are taken. */
export function slotsOf(limit: number, taken: readonly TakenPlace[]): Slots {
  const full = taken.length < limit ? undefined : budgetFull(limit, taken);
  return { limit, taken, nodes: new Set(taken.map(({ node }) => node)), full };
}

/** The reason that names those who take the places. */
export function budgetFull(limit: number, taken: readonly TakenPlace[]): Reason {
  return { code: "BudgetFull", limit, unavailable: taken.map(({ clause }) => clause) };
}
