import { durationMs } from "../../core/duration.ts";
import { quote } from "../../core/quote.ts";
import type { Findings } from "./findings.ts";
import { splitWords } from "../grammar/words.ts";
import type { FailedReboot, RebootSettings, SentinelSettings, ShellWords } from "../settings.ts";
import type { Values } from "../values.ts";

/** How the node finds out that it needs a reboot: a command if one is given, else the file. */
export function sentinelSettings(values: Values, findings: Findings): SentinelSettings {
  const text = values.text("reboot-sentinel-command");
  if (text === "") return { kind: "file", path: values.text("reboot-sentinel") };
  const reading = commandOf("reboot-sentinel-command", { text, findings });
  if (reading.kind === "fault") {
    const cause = reading.cause ?? `no command in ${quote(text)}`;
    const message = `Failed to build reboot checker: error parsing provided sentinel command: ${cause}`;
    findings.refuse("InvalidSentinelCommand", message);
    return { kind: "file", path: values.text("reboot-sentinel") };
  }
  return { kind: "command", command: reading.command, timeoutMs: timeoutOf(values) };
}

/** How the node reboots, and what is made of a reboot that does not happen. */
export function rebootSettings(values: Values, findings: Findings): RebootSettings {
  const deadline = values.duration("reboot-deadline");
  if (deadline <= 0n) findings.refuse("NotPositive", "reboot-deadline must be above 0");
  if (values.duration("command-timeout") <= 0n) findings.refuse("NotPositive", "command-timeout must be above 0");
  const bootIdFile = values.text("boot-id-file");
  return {
    method: methodOf(values, findings),
    delayMs: Math.max(0, durationMs(values.duration("reboot-delay"))),
    deadlineMs: durationMs(deadline),
    failed: failedReboot(values, findings),
    bootIdFile: bootIdFile === "" ? undefined : bootIdFile,
  };
}

function methodOf(values: Values, findings: Findings): RebootSettings["method"] {
  const method = values.text("reboot-method");
  if (method === "command") return rebootCommand(values, findings);
  const signalNumber = values.int("reboot-signal");
  if (method !== "signal") {
    const message = `invalid reboot-method configured ${method}, expected signal or command`;
    findings.refuse("InvalidRebootMethod", `Failed to build rebooter: ${message}`);
    // kured has no upper bound, but the kernel has: the refusal would come only after the drain.
  } else if (signalNumber < 1 || signalNumber > 64) {
    findings.refuse("InvalidRebootSignal", `Failed to build rebooter: invalid signal: ${signalNumber}`);
  }
  return { kind: "signal", signalNumber };
}

function rebootCommand(values: Values, findings: Findings): RebootSettings["method"] {
  const text = values.text("reboot-command");
  const reading = commandOf("reboot-command", { text, findings });
  if (reading.kind === "command") return { ...reading, timeoutMs: timeoutOf(values) };
  const cause = reading.cause;
  const message = cause === undefined ? "no reboot command specified" : unreadable(text, cause);
  findings.refuse("InvalidRebootCommand", `Failed to build rebooter: ${message}`);
  return { kind: "command", command: { text, words: [text] }, timeoutMs: timeoutOf(values) };
}

function unreadable(text: string, cause: string): string {
  return `error ${cause} when parsing reboot command ${text}`;
}

function timeoutOf(values: Values): number {
  return durationMs(values.duration("command-timeout"));
}

function failedReboot(values: Values, findings: Findings): FailedReboot {
  const text = values.text("failed-reboot");
  if (text === "give-back" || text === "keep-cordon") return text;
  findings.refuse("InvalidFailedReboot", `invalid failed-reboot configured ${text}, expected give-back or keep-cordon`);
  return "give-back";
}

/** A command that can be run, or why not; without a cause there is no word in it. */
type CommandReading =
  | { readonly kind: "command"; readonly command: ShellWords }
  | { readonly kind: "fault"; readonly cause: string | undefined };

/**
 * A manifest may hold `--reboot-sentinel-command='sh -c "..."'` as a plain YAML scalar: the quotes round it all are
 * then part of the value, and it is a single word. One such pair is taken off.
 */
function commandOf(flag: string, { text, findings }: { readonly text: string; readonly findings: Findings }) {
  const outer = readCommand(text);
  const [word, ...others] = outer.kind === "command" ? outer.command.words : [];
  const quoted = word !== undefined && others.length === 0 && /^(['"])[^]*\1$/.test(text);
  if (!quoted) return outer;
  findings.warn("QuotesIgnored", `--${flag}=${text}`);
  return readCommand(word);
}

function readCommand(text: string): CommandReading {
  const reading = splitWords(text);
  if (reading.kind === "invalid") return { kind: "fault", cause: reading.message };
  const [program, ...parameters] = reading.words;
  if (program === undefined || program === "") return { kind: "fault", cause: undefined };
  return { kind: "command", command: { text, words: [program, ...parameters] } };
}
