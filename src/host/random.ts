import { randomBytes } from "node:crypto";
import type { Random } from "../ports/random.ts";

/** Chance from the operating system: `hex` cannot be guessed, `next` is only spread evenly. */
export function machineRandom(): Random {
  return {
    next: () => Math.random(),
    hex: (bytes) => randomBytes(bytes).toString("hex"),
  };
}
