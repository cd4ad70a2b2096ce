import type { LogLevel } from "../../src/ports/log.ts";

/** Where the demo's processes speak. */
export interface Voice {
  /** One log line of one of kured's processes. */
  line(line: SpokenLine): void;
  /** Something that should not happen, such as a daemon that ended. */
  trouble(text: string): void;
}

/** What one process says. */
export interface SpokenLine {
  /** The process that says it. */
  readonly speaker: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}
