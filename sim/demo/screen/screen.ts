import type { Stage } from "../stage.ts";
import type { Findings } from "../summary.ts";
import type { Voice } from "../voice.ts";

/** How the demo shows itself. */
export interface Screen extends Voice {
  /** The stage is set; from now on there is something to show. */
  begin(stage: Stage): void;
  summary(findings: Findings): void;
  /** Leaves the terminal as it was. */
  end(): void;
}

/** What the end result says, line by line. */
export function summaryLines({ ok, rebooted, faults }: Findings, seconds: number): readonly string[] {
  const head = `${rebooted.length} nodes were rebooted in ${seconds.toFixed(0)} s, one after the other: ${rebooted.join(", ")}.`;
  return ok
    ? [head, "Every node is Ready and schedulable, the lock is free, and no record is left behind."]
    : [head, ...faults];
}
