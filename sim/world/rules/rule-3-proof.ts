import type { MaintenanceRecord } from "../../../src/core/fleet/record.ts";
import { decodeReport, reportAnnotation } from "../../../src/core/fleet/report.ts";
import { conditionStatus } from "../../cluster/conditions.ts";
import type { Machine } from "../hosts/machine.ts";
import { annotationOf, recordOn } from "../reading.ts";
import { isEarlier } from "./rule-2-commit.ts";
import { nodeWrite, type Rule } from "./scenery.ts";

/** Two machines' clocks tell when a lock was taken and when a machine booted. */
const clockErrorMs = 120_000;

/**
 * Rule 3: done only if the boot has changed, the node is Ready, and the new boot's report says that the need is gone.
 */
export const proof: Rule = ({ world }) => ({
  written: (change, user) => {
    const write = nodeWrite(change, user);
    if (write?.writer !== "ours") return;
    const { name, before, after } = write;
    const [was, is] = [recordOn(before), recordOn(after)];
    if (is?.outcome !== "done" || was?.outcome === "done") return;
    world.coverage.count("reboot", "done");
    const machine = world.machines.get(name);
    if (machine !== undefined && !hasBooted(is, machine))
      world.break("rule 3", `${name} is called done and has not booted since ${is.boot}`);
    const reading = decodeReport(annotationOf(before, reportAnnotation));
    const report = reading.kind === "report" ? reading.report : undefined;
    const proven = report !== undefined && report.boot !== is.boot && report.need === "notRequired";
    if (!proven || before === undefined || conditionStatus(before, "Ready") !== "True")
      world.break("rule 3", `${name} is called done without Ready or without a report of the new boot`);
  },
});

/** A lock that was found without a record tells of no boot, only of an instant. */
function hasBooted({ boot, lock }: MaintenanceRecord, machine: Machine): boolean {
  if (boot.startsWith(`${machine.name}-boot-`)) return isEarlier(boot, machine);
  return machine.bootedAtMs + clockErrorMs > Date.parse(lock);
}
