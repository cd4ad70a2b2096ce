import { recordAnnotation } from "../../../src/core/fleet/record.ts";
import { at } from "../../apiserver/objects/json.ts";
import type { WriterKind } from "../authors/writer.ts";
import type { Observer } from "../observer.ts";
import { annotationOf } from "../reading.ts";
import { nodeWrite, type Rule } from "./scenery.ts";

/** Rule 5: a cordon that is not ours is never taken back. That ours always is, `unfinished` sees at the end. */
export const marks: Rule = ({ world, meddling }): Observer => {
  const owners = new Map<string, WriterKind | undefined>();
  /**
   * Where somebody else took our cordon off and nothing was decided since: one that a person sets now looks like ours.
   */
  const unnoticed = new Set<string>();
  return {
    written: (change, user) => {
      const write = nodeWrite(change, user);
      if (write === undefined) return;
      const { name, before, after, writer, by } = write;
      const [was, is] = [before, after].map((node) => at(node, "spec", "unschedulable") === true);
      const isRecorded = annotationOf(before, recordAnnotation) !== annotationOf(after, recordAnnotation);
      if (was && !is && writer !== "ours" && owners.get(name) === "ours") unnoticed.add(name);
      if (was && !is && after !== undefined && writer === "ours" && owners.get(name) === "person") {
        if (!meddling.records.has(name) && !unnoticed.has(name))
          world.break("rule 5", `${by} takes a person's cordon off ${name}`);
      }
      if (writer === "ours" && isRecorded && !is) unnoticed.delete(name);
      // Whose it was before this write: the world's own book is a step ahead.
      owners.set(name, world.cordons.owner(name));
    },
  };
};
