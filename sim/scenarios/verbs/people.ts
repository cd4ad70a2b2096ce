import { recordAnnotation } from "../../../src/core/fleet/record.ts";
import { holdAnnotation, pauseAnnotation } from "../../../src/core/fleet/request.ts";
import { nodePath } from "../../world/faults/mishap.ts";
import { annotateFleet } from "../../world/faults/people.ts";
import type { World } from "../../world/world.ts";
import type { Verb, Words } from "./verb.ts";

/** What people do with kubectl. */
export const peopleVerbs: readonly Verb[] = [
  {
    form: "somebody cordons {node}",
    happen: (world, words) => change(world, words, { spec: { unschedulable: true } }),
  },
  {
    form: "somebody uncordons {node}",
    happen: (world, words) => change(world, words, { spec: { unschedulable: null } }),
  },
  { form: "somebody pauses {node}", happen: (world, words) => annotate(world, words, { [pauseAnnotation]: "true" }) },
  { form: "somebody holds {node}", happen: (world, words) => annotate(world, words, { [holdAnnotation]: "true" }) },
  {
    form: "somebody lets {node} go on",
    happen: (world, words) => annotate(world, words, { [pauseAnnotation]: null, [holdAnnotation]: null }),
  },
  {
    form: "somebody removes the record of {node}",
    happen: (world, words) => annotate(world, words, { [recordAnnotation]: null }),
  },
  { form: "somebody pauses the fleet", happen: (world) => annotateFleet(world, { [pauseAnnotation]: "true" }) },
  { form: "somebody lets the fleet go on", happen: (world) => annotateFleet(world, { [pauseAnnotation]: null }) },
];

function change(world: World, words: Words, patch: Parameters<World["people"]["merge"]>[1]): void {
  if (world.people.merge(nodePath(words.machine(world)), patch) === undefined)
    throw new Error(`There is no Node ${words.text("node")}`);
}

function annotate(world: World, words: Words, annotations: Readonly<Record<string, string | null>>): void {
  change(world, words, { metadata: { annotations } });
}
