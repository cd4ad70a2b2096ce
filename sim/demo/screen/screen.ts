import type { LogLevel } from "../../../src/ports/log.ts";
import type { Stage } from "../stage.ts";
import type { Findings } from "../summary.ts";

/** How the demo shows itself. */
export interface Screen {
  /** The stage is set; from now on there is something to show. */
  begin(stage: Stage): void;
  /** One log line of one of kured's processes. */
  line(line: SpokenLine): void;
  /** Something that should not happen, such as a daemon that ended. */
  trouble(text: string): void;
  summary(findings: Findings): void;
  /** Leaves the terminal as it was. */
  end(): void;
}

export interface SpokenLine {
  /** The process that says it. */
  readonly speaker: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** What the end result says, line by line. */
export function summaryLines({ ok, rebooted, faults }: Findings, seconds: number): readonly string[] {
  const head = `${rebooted.length} nodes were rebooted in ${seconds.toFixed(0)} s, one after the other: ${rebooted.join(", ")}.`;
  return ok
    ? [head, "Every node is Ready and schedulable, the lock is free, and no record is left behind."]
    : [head, ...faults];
}
