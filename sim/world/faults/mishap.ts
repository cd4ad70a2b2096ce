import type { Machine } from "../hosts/machine.ts";
import type { Dice } from "../time/dice.ts";
import type { World } from "../world.ts";

/** Something that goes wrong, or that people do. */
export interface Mishap {
  readonly name: string;
  /** Lets it happen now, to this machine if it is about one. */
  readonly happen: (world: World, place: Place) => void;
}

/** Where it happens, and the dice for how bad it is. */
export interface Place {
  readonly machine: Machine;
  readonly dice: Dice;
}

/** The path of a machine's Node. */
export function nodePath({ name }: Machine): string {
  return `/api/v1/nodes/${name}`;
}
