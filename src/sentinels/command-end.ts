import { inHostMounts, nsenterRefusal } from "../core/host/mount-namespace.ts";
import type { CommandEnd } from "../ports/commands.ts";
import type { SentinelLine, SentinelReading } from "./sentinel.ts";

/** What was run and what its exit codes are declared to mean. */
export interface CommandMeaning {
  readonly words: readonly [string, ...string[]];
  readonly codes: { readonly required: readonly number[]; readonly notRequired: readonly number[] };
}

/** What the end of a sentinel command says about the need for a reboot: only a declared exit code says anything. */
export function readCommandEnd(end: CommandEnd, meaning: CommandMeaning): SentinelReading {
  const { need, found, line } = findingOf(end, meaning);
  const { stdout, stderr } = end.kind === "notStarted" ? { stdout: "", stderr: "" } : end;
  // Kured's lines put their parts side by side without spaces; people search for them as they are.
  const output = `cmd${inHostMounts(meaning.words).join(" ")}stdout${stdout}stderr${stderr}`;
  return {
    need,
    evidence: `sentinel command "${meaning.words.join(" ")}" on the host: ${found}`,
    log: line === undefined ? [] : [{ level: line.level, message: `${line.message}${output}` }],
  };
}

interface Finding {
  readonly need: SentinelReading["need"];
  readonly found: string;
  readonly line?: SentinelLine;
}

function findingOf(end: CommandEnd, meaning: CommandMeaning): Finding {
  switch (end.kind) {
    case "notStarted": {
      const line: SentinelLine = { level: "error", message: `Error invoking sentinel command: ${end.reason}` };
      return { need: "unknown", found: end.reason, line };
    }
    case "timedOut": {
      const found = `did not end within ${end.afterMs / 1000} s`;
      return { need: "unknown", found, line: { level: "warning", message: `sentinel command ${found}` } };
    }
    case "signalled":
      // Go reports -1 for a child that was killed, and so does kured's line.
      return { need: "unknown", found: `ended by ${end.signal}`, line: unexpected(-1) };
    case "exited":
      return exitFinding(end.code, { ...meaning, stderr: end.stderr });
  }
}

function exitFinding(code: number, { words, codes, stderr }: CommandMeaning & { readonly stderr: string }): Finding {
  const found = `exit code ${code}`;
  const doubt = notRun(code, stderr) ?? missingInside(words, stderr);
  if (doubt !== undefined) return { need: "unknown", found: `${found}: ${doubt}`, line: unexpected(code) };
  if (codes.required.includes(code)) {
    return { need: "required", found, line: { level: "info", message: "checking if reboot is required" } };
  }
  if (codes.notRequired.includes(code)) return { need: "notRequired", found };
  const said = stderr.trim().split("\n")[0]?.slice(0, 200);
  return { need: "unknown", found: `unexpected ${found}${said ? `: ${said}` : ""}`, line: unexpected(code) };
}

function unexpected(code: number): SentinelLine {
  return { level: "warning", message: `sentinel command ended with unexpected exit code: ${code}` };
}

/** Why the command as a whole did not run, although something ended with `code`. */
function notRun(code: number, stderr: string): string | undefined {
  const refusal = nsenterRefusal(stderr);
  if (refusal !== undefined) return refusal;
  if (code === 126) return "it could not be run";
  if (code === 127) return "it was not found";
  return undefined;
}

/**
 * In `sh -c "! needs-restarting"` a missing tool ends with 127 and the `!` makes 0 of that: reboots without end. Only
 * the shell's own complaint gives it away.
 */
function missingInside(words: readonly string[], stderr: string): string | undefined {
  if (!words.some((word) => /(^|[\s;&|({])!(\s|$)/.test(word))) return undefined;
  const complaint = shellComplaint.exec(stderr)?.[0];
  return complaint && `"!" turns a failure into an answer: ${complaint}`;
}

/** As dash, bash, ksh and busybox say it. */
const shellComplaint =
  /^[^\s:]*sh: (?:(?:line )?\d+: )?.+: (?:(?:command |applet )?not found|No such file or directory|Permission denied|[Cc]annot execute.*|Exec format error)$/m;
