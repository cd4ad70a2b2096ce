import { compareBoots } from "../boot/identity.ts";
import { formatInstant, instantField, objectField, parseJsonObject, textField, type JsonObject } from "../json.ts";

/** The Node annotation that holds the agent's report; the only thing that an agent may write. */
export const reportAnnotation = "kured.dev/report";

/** What the sentinel says. `unknown` keeps the node up (rule 7). */
export type Need = "required" | "notRequired" | "unknown";

/** What an agent says about its machine. Written on change only. */
export interface Report {
  /** The pod that wrote it; empty where a classic daemon does not know its own. */
  readonly pod: string;
  /** The boot it speaks of, in the form of `formatBoot`. */
  readonly boot: string;
  /** When that boot began, by the machine's own clock; absent where it cannot tell. */
  readonly bootedAtMs?: number;
  readonly need: Need;
  /** Since when the need is what it is, as far as agents of this boot have seen it. */
  readonly sinceMs: number;
  /** What was looked at and what was found, for people. */
  readonly evidence: string;
  /** Why no reboot could be commanded here, for example a reboot command that does not exist. */
  readonly impediment?: string;
  /** An approval must echo it; replaced every minute while one is awaited. */
  readonly nonce?: string;
  readonly commanded?: CommandedReboot;
}

/**
 * The commit: from here on the reboot may happen at any instant. It stays in the report of the next boot, as the one
 * that ended the last boot, until another reboot is agreed on.
 */
export interface CommandedReboot {
  /** The boot that it was to end. */
  readonly boot: string;
  /** The approval that was committed to, in the form of `approvalOf`. */
  readonly approval: string;
  readonly result?: CommandResult;
}

/** What became of the reboot command, as seen by an agent that is still alive. */
export type CommandResult =
  /** The command said yes; the machine should go down. */
  | { readonly kind: "accepted" }
  /** The command said no, or could not be run; `shutdown` tells whether one is pending all the same. */
  | { readonly kind: "failed"; readonly reason: string; readonly shutdown: ShutdownState }
  /** The command did not end in time and was stopped. */
  | { readonly kind: "hung"; readonly reason: string; readonly shutdown: ShutdownState }
  /** The agent that committed is gone and its machine is not: nobody knows whether the command ran. */
  | { readonly kind: "interrupted"; readonly shutdown: ShutdownState }
  /** The commit was too old when it was confirmed, so the command was not run. */
  | { readonly kind: "notRun" };

/** Whether the machine is on its way down. Only `no` is proof of anything. */
export type ShutdownState = "yes" | "no" | "unknown";

/**
 * Whether the machine may still go down because of this: a reboot was committed to in this boot, and nobody has proven
 * yet that none will come of it.
 */
export function mayGoDown(commanded: CommandedReboot | undefined, boot: string): boolean {
  if (commanded === undefined || compareBoots(commanded.boot, boot) === "changed") return false;
  const { result } = commanded;
  if (result === undefined || result.kind === "accepted") return true;
  return result.kind !== "notRun" && result.shutdown !== "no";
}

/** What stands in the report's annotation. */
export type ReportReading =
  | { readonly kind: "absent" }
  | { readonly kind: "report"; readonly report: Report; readonly text: string }
  | { readonly kind: "unreadable"; readonly text: string; readonly reason: string };

/** Inverse of `encodeReport`; never throws, whatever a stranger wrote. */
export function decodeReport(text: string | undefined): ReportReading {
  if (text === undefined) return { kind: "absent" };
  const parsed = parseJsonObject(text);
  if (parsed.kind === "not") return { kind: "unreadable", text, reason: parsed.reason };
  const json = parsed.object;
  const boot = textField(json, "boot");
  const need = (["required", "notRequired", "unknown"] as const).find((known) => known === json["need"]);
  const sinceMs = instantField(json, "since");
  if (boot === undefined || need === undefined || sinceMs === undefined)
    return { kind: "unreadable", text, reason: "one of boot, need and since is missing or wrong" };
  const bootedAtMs = instantField(json, "bootedAt");
  const impediment = textField(json, "impediment");
  const nonce = textField(json, "nonce");
  const commanded = decodeCommanded(objectField(json, "commanded"));
  const report: Report = {
    pod: textField(json, "pod") ?? "",
    boot,
    ...(bootedAtMs !== undefined && { bootedAtMs }),
    need,
    sinceMs,
    evidence: textField(json, "evidence") ?? "",
    ...(impediment !== undefined && { impediment }),
    ...(nonce !== undefined && { nonce }),
    ...(commanded && { commanded }),
  };
  return { kind: "report", report, text };
}

/** The annotation's text; keys in a fixed order, so that equal reports are equal texts. */
export function encodeReport(report: Report): string {
  return JSON.stringify({
    pod: report.pod,
    boot: report.boot,
    bootedAt: report.bootedAtMs === undefined ? undefined : formatInstant(report.bootedAtMs),
    need: report.need,
    since: formatInstant(report.sinceMs),
    evidence: shortened(report.evidence),
    impediment: report.impediment === undefined ? undefined : shortened(report.impediment),
    nonce: report.nonce,
    commanded: report.commanded && shortReason(report.commanded),
  });
}

function shortReason(commanded: CommandedReboot): CommandedReboot {
  const { result } = commanded;
  if (result === undefined || !("reason" in result)) return commanded;
  return { ...commanded, result: { ...result, reason: shortened(result.reason) } };
}

/** A command may say much; the admission policy allows a report 16 KiB, and an operator reads one sentence. */
function shortened(text: string): string {
  return text.length <= textMax ? text : `${text.slice(0, textMax - 1)}…`;
}

const textMax = 1_000;

function decodeCommanded(json: JsonObject | undefined): CommandedReboot | undefined {
  if (json === undefined) return undefined;
  const boot = textField(json, "boot");
  const approval = textField(json, "approval");
  if (boot === undefined || approval === undefined) return undefined;
  const result = decodeResult(objectField(json, "result"));
  return { boot, approval, ...(result && { result }) };
}

function decodeResult(json: JsonObject | undefined): CommandResult | undefined {
  if (json === undefined) return undefined;
  const reason = textField(json, "reason") ?? "";
  const shutdown = json["shutdown"] === "yes" || json["shutdown"] === "no" ? json["shutdown"] : "unknown";
  switch (json["kind"]) {
    case "accepted":
    case "notRun":
      return { kind: json["kind"] };
    case "failed":
    case "hung":
      return { kind: json["kind"], reason, shutdown };
    case "interrupted":
      return { kind: "interrupted", shutdown };
    default:
      return undefined;
  }
}
