import type { Random } from "../../../src/ports/random.ts";

/** Seeded chance: the same seed gives the same numbers. */
export interface Dice extends Random {
  /** Whether something of this probability happens. */
  chance(probability: number): boolean;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  /** One of these; of none, an Error. */
  pick<T>(choices: readonly T[]): T;
  /**
   * Dice of their own for a part of the world, so that a part that asks more often does not change what happens to the
   * others. The same name gives the same dice, whatever was thrown before.
   */
  fork(name: string): Dice;
}

/** Dice of this seed. */
export function dice(seed: number): Dice {
  let state = seed | 0;
  // Mulberry32, because its state is one number.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    hex: (bytes) => Array.from({ length: bytes }, () => below(256).toString(16).padStart(2, "0")).join(""),
    chance: (probability) => next() < probability,
    between: (least, most) => least + below(most - least + 1),
    pick: (choices) => {
      const [choice] = choices.slice(below(choices.length));
      if (choice === undefined) throw new Error("There is nothing to choose from");
      return choice;
    },
    fork: (name) => dice(hashOf(name, seed)),
  };
}

/** FNV-1a, begun with the seed. */
function hashOf(name: string, seed: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(seed | 0, 0x9e3779b1);
  for (const letter of name) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}
