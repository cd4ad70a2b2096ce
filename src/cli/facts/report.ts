import type { CommandedReboot, CommandResult, Need, Report, ReportReading } from "../../core/fleet/report.ts";
import { excerpt, printable } from "../text/printable.ts";
import type { Row } from "../text/rows.ts";
import { instant, lasting } from "../text/times.ts";

/** What the agent says about its machine. */
export function reportRows(reading: ReportReading, nowMs: number): readonly Row[] {
  switch (reading.kind) {
    case "absent":
      return [["none", "no agent has reported from this node"]];
    case "unreadable":
      return [["unreadable", `${printable(reading.reason)}: ${excerpt(reading.text)}`]];
    case "report":
      return readable(reading.report, nowMs);
  }
}

/** What an agent has found out, in a word for a column. */
export function needWord(reading: ReportReading): string {
  return reading.kind === "report" ? needWords[reading.report.need] : "-";
}

const needWords: Readonly<Record<Need, string>> = { required: "yes", notRequired: "no", unknown: "unknown" };

const needTexts: Readonly<Record<Need, string>> = {
  required: "a reboot is required",
  notRequired: "no reboot is required",
  unknown: "cannot be told, which means no",
};

function readable(report: Report, nowMs: number): readonly Row[] {
  const { need, sinceMs, evidence, impediment, boot, bootedAtMs, pod, commanded } = report;
  return [
    ["need", `${needTexts[need]}, ${lasting(sinceMs, nowMs)}`],
    ["evidence", evidence === "" ? "none given" : printable(evidence)],
    ...(impediment === undefined ? [] : [["impediment", printable(impediment)] as const]),
    ["boot", printable(boot)],
    ...(bootedAtMs === undefined ? [] : [["booted", instant(bootedAtMs)] as const]),
    ["pod", pod === "" ? "not known to the daemon" : `uid ${printable(pod)}`],
    ["commanded", commanded === undefined ? "no reboot" : commandedText(commanded, boot)],
  ];
}

function commandedText({ boot, approval, result }: CommandedReboot, currentBoot: string): string {
  const which = boot === currentBoot ? "a reboot of this boot" : `the reboot of boot ${printable(boot)}`;
  return `${which}, by approval ${printable(approval)}: ${result === undefined ? "no result yet" : resultText(result)}`;
}

function resultText(result: CommandResult): string {
  switch (result.kind) {
    case "accepted":
      return "the command said yes";
    case "failed":
      return `the command failed (${printable(result.reason)}); ${shutdownText(result)}`;
    case "hung":
      return `the command did not end and was stopped (${printable(result.reason)}); ${shutdownText(result)}`;
    case "interrupted":
      return `the agent ended before the command did; ${shutdownText(result)}`;
    case "notRun":
      return "it was confirmed too late, so the command was not run";
  }
}

function shutdownText({ shutdown }: Extract<CommandResult, { shutdown: unknown }>): string {
  switch (shutdown) {
    case "yes":
      return "the machine is going down";
    case "no":
      return "no shutdown is pending";
    case "unknown":
      return "whether a shutdown is pending is not known";
  }
}
