import { quote } from "../core/quote.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log, LogLevel } from "../ports/log.ts";

/** What a log line may carry for machines. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

/** Where lines go and what they look like. */
export interface LogParts {
  readonly format: "text" | "json";
  /** Takes one whole line with its line end; for a daemon this is the standard error. */
  readonly sink: (line: string) => void;
  readonly clock: Pick<Clock, "now">;
  /** IANA name of the zone in which times are written; kured takes the process's own. */
  readonly zone?: string;
  /** Write lines of the level debug, too, which kured never does. */
  readonly debug?: boolean;
}

/**
 * A log in the two forms of kured's (logrus without a terminal), because people's searches and alerts know them. Fields
 * appear in JSON only, beside the three keys that kured has.
 */
export function createLog({ format, sink, clock, zone = "UTC", debug = false }: LogParts): Log {
  const line = format === "json" ? jsonLine : textLine;
  return {
    write(level, message, fields = {}) {
      if (level === "debug" && !debug) return;
      try {
        sink(line({ level, message, time: rfc3339(clock.now().wallMs, zone), fields }));
      } catch {
        // A full disk or a closed pipe under the log must not stop a reboot half-way.
      }
    },
  };
}

interface Entry {
  readonly level: LogLevel;
  readonly message: string;
  readonly time: string;
  readonly fields: LogFields;
}

/** An empty message has no key, as in logrus. */
function textLine({ level, message, time }: Entry): string {
  const text = message === "" ? "" : ` msg=${bareOrQuoted(message)}`;
  return `time=${bareOrQuoted(time)} level=${level}${text}\n`;
}

function bareOrQuoted(text: string): string {
  return /^[-A-Za-z0-9._/@^+]*$/.test(text) ? text : quote(text);
}

/** Keys in order of their names, as Go writes them; a field with the name of one of kured's keys gets a prefix. */
function jsonLine({ level, message, time, fields }: Entry): string {
  const own = { level, msg: message, time };
  const extra = Object.entries(fields).map(([key, value]) => [key in own ? `fields.${key}` : key, value] as const);
  const entries = [...Object.entries(own), ...extra].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `${JSON.stringify(Object.fromEntries(entries)).replace(hidden, unicodeEscape)}\n`;
}

/** What Go escapes, too, and further what a terminal obeys or what turns the direction of writing. */
const hidden = /[<>&\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Go keeps JSON harmless inside HTML and JavaScript. */
function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Whole seconds with the zone's offset, `Z` for UTC. */
function rfc3339(wallMs: number, zone: string): string {
  // Temporal has time zones loaded, two megabytes of them, which UTC does not need.
  if (zone === "UTC") return new Date(wallMs).toISOString().replace(/\.\d+Z$/, "Z");
  const time = Temporal.Instant.fromEpochMilliseconds(wallMs).toZonedDateTimeISO(zone);
  const text = time.toString({ smallestUnit: "second", offset: "auto", timeZoneName: "never" });
  return text.replace("+00:00", "Z");
}
