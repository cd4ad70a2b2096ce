import { decodeReport, reportAnnotation } from "../../../src/core/fleet/report.ts";
import type { KubeObject } from "../../apiserver/objects/object.ts";
import { annotationOf } from "../reading.ts";
import { nodeWrite, phaseOn, type Rule } from "./scenery.ts";

/** News take so long at most where nobody is cut off, and who is cut off writes nothing. */
const newsMs = 60_000;

const beginnings: ReadonlySet<string> = new Set(["intended", "draining", "approved"]);

/** Rule 7: unknown means no: nothing is begun on a node whose agent does not say that a reboot is required. */
export const unknownMeansNo: Rule = ({ world }) => {
  const requiredAtMs = new Map<string, number>();
  return {
    written: (change, user) => {
      const write = nodeWrite(change, user);
      if (write === undefined) return;
      const { name, before, after, writer } = write;
      if (isRequired(before) || isRequired(after)) requiredAtMs.set(name, world.timeline.nowMs);
      const [was, is] = [phaseOn(before), phaseOn(after)];
      // A drain is taken up again after an approval that was not used: that begins nothing.
      const begins = is !== undefined && is !== was && beginnings.has(is) && !(is === "draining" && was !== "claimed");
      const sinceMs = world.timeline.nowMs - (requiredAtMs.get(name) ?? -Infinity);
      if (writer === "ours" && begins && !isRequired(before) && sinceMs > newsMs)
        world.break("rule 7", `${name} comes to ${is} although no reboot is required there`);
    },
  };
};

function isRequired(node: KubeObject | undefined): boolean {
  const reading = decodeReport(annotationOf(node, reportAnnotation));
  return reading.kind === "report" && reading.report.need === "required";
}
