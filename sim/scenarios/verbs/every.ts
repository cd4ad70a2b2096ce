import { lockVerbs } from "./locks.ts";
import { machineVerbs } from "./machines.ts";
import { peopleVerbs } from "./people.ts";
import { processVerbs } from "./processes.ts";
import { surroundingsVerbs } from "./surroundings.ts";
import type { Verb } from "./verb.ts";

/** Everything that can happen in a scenario. A new sentence is one more entry in one of these lists. */
export const everyVerb: readonly Verb[] = [
  ...machineVerbs,
  ...peopleVerbs,
  ...lockVerbs,
  ...processVerbs,
  ...surroundingsVerbs,
];
