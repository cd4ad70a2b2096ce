import type { LogLevel } from "../ports/log.ts";

/** Something that knows whether this node needs a reboot. */
export interface Sentinel {
  /** The line that kured writes about it when it starts. */
  describe(): string;
  /** Looks now. Rejects only with `signal.reason`; whatever hides the answer is part of the reading. */
  check(options: { readonly signal: AbortSignal }): Promise<SentinelReading>;
  /** Calls `changed` when it may be worth to look again, until `signal` aborts. Absent: only looking tells. */
  watch?(options: { readonly changed: () => void; readonly signal: AbortSignal }): void;
}

/** What a look at a sentinel brought. */
export interface SentinelReading {
  readonly need:
    | "required"
    | "notRequired"
    /** It could not be found out, which keeps the node up and is told (design rule 7). */
    | "unknown";
  /** What was looked at and what was found, a sentence for people. */
  readonly evidence: string;
  /** What is worth a line in the log, in kured's words where kured has some. */
  readonly log: readonly SentinelLine[];
}

/** One line for the log. */
export interface SentinelLine {
  readonly level: LogLevel;
  readonly message: string;
}
