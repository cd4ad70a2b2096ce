import { buildSettings } from "./build/build-settings.ts";
import { readCommandLine } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";
import { readEnvironment } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { Findings } from "./build/findings.ts";
import { optionsOf } from "./options.ts";
import type { Command } from "./options/option.ts";
import { explainProblem, warn } from "./problems.ts";
import type { Problem, Warning } from "./problems.ts";
import type { LogFormat, Settings } from "./settings.ts";
import { usageText } from "./usage.ts";
import { Values, type ExpressionFault } from "./values.ts";

/** What a process is told when it starts. */
export interface Arguments {
  /** Without the program itself. */
  readonly argv: readonly string[];
  readonly env: Environment;
  /** The program's name as it was called, for the help text. */
  readonly program: string;
  /** What `--time-zone=Local` means; by default the zone of this process. */
  readonly localZone?: string;
  /** Judges expressions; without it they are not judged. The library for it is not for every process. */
  readonly expressionFault?: ExpressionFault;
}

/** What to do about the arguments. */
export type ArgumentsOutcome =
  /** Go on; the warnings belong into the log, in the format that the settings name. */
  | { readonly kind: "settings"; readonly settings: Settings; readonly warnings: readonly Warning[] }
  /** Print the text to the standard error, as kured does, and end. */
  | { readonly kind: "help"; readonly text: string; readonly exitCode: 0 }
  /** Print the version to the standard output and end with 0. */
  | { readonly kind: "version" }
  | Refusal;

/** Print both texts as they are, log each line of `fatal` in `logFormat`, and end. */
export interface Refusal {
  readonly kind: "refused";
  /** kured's: 2 for the command line, 1 for all else. */
  readonly exitCode: 1 | 2;
  readonly stdout: string;
  readonly stderr: string;
  /** Lines for the log, at the level fatal, in kured's words. */
  readonly fatal: readonly string[];
  readonly logFormat: LogFormat;
  /** Everything that is wrong, also what the texts say already. */
  readonly problems: readonly Problem[];
}

/**
 * Reads the command line and the environment, where the environment wins as in kured, and checks everything that can be
 * checked without the cluster. All mistakes are told at once.
 */
export function parseArguments({ argv, env, program, localZone, expressionFault }: Arguments): ArgumentsOutcome {
  const [first = "", ...rest] = argv;
  if (first === "version") return { kind: "version" };
  if (first === "help") return { kind: "help", text: usageText(commandOf(rest[0]) ?? "classic", program), exitCode: 0 };
  const command = commandOf(first) ?? "classic";
  const values = new Values(expressionFault);
  const options = optionsOf(command);
  const line = readCommandLine(command === "classic" ? argv : rest, { options, values });
  if (line.help) return { kind: "help", text: usageText(command, program), exitCode: 0 };
  const environment = readEnvironment(env, { options, values });
  const findings = new Findings();
  const settings = buildSettings(values, {
    command,
    positionals: line.positionals,
    // Asked only where it counts: the answer costs a process eight megabytes of formats and zones.
    localZone: localZone ?? (values.text("time-zone") === "Local" ? zoneOfProcess() : "UTC"),
    findings,
  });
  const linewise = [...line.problems, ...missingArguments(command, line)];
  const wrong = { line: linewise, environment: environment.problems, settings: findings.problems };
  if (Object.values(wrong).some((problems) => problems.length > 0)) {
    const usage = usageText(command, program);
    if (isForOperators(command)) return operatorRefusal(wrong, usage);
    return refusal(wrong, { usage, logFormat: settings.log.format });
  }
  const warnings = [...line.warnings, ...strayArguments(command, line), ...environment.warnings, ...findings.warnings];
  return { kind: "settings", settings, warnings };
}

function zoneOfProcess(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function commandOf(text: string | undefined): Command | undefined {
  return named.find((command) => command === text);
}

const named = ["agent", "coordinator", "status", "explain", "cleanup"] as const satisfies readonly Command[];

function isForOperators(command: Command): boolean {
  return command === "status" || command === "explain" || command === "cleanup";
}

interface Wrong {
  readonly line: readonly Problem[];
  readonly environment: readonly Problem[];
  readonly settings: readonly Problem[];
}

/** kured ends at the first mistake, on the way on which it meets it; what comes later is told the same way. */
function refusal(
  wrong: Wrong,
  { usage, logFormat }: { readonly usage: string; readonly logFormat: LogFormat },
): Refusal {
  const problems = [...wrong.line, ...wrong.environment, ...wrong.settings];
  const common = { kind: "refused", logFormat, problems } as const;
  if (wrong.line.length > 0) {
    return {
      ...common,
      exitCode: 2,
      stdout: "",
      stderr: usage + lines(problems.map(({ message }) => message)),
      fatal: [],
    };
  }
  return {
    ...common,
    exitCode: 1,
    stdout: lines(wrong.environment.map(({ message }) => message)),
    stderr: lines(wrong.environment.map(explainProblem)),
    fatal: wrong.settings.map(({ message }) => message),
  };
}

/** At a terminal every mistake is one of usage, and none is for a log. */
function operatorRefusal(wrong: Wrong, usage: string): Refusal {
  const problems = [...wrong.line, ...wrong.environment, ...wrong.settings];
  const stderr = usage + lines(problems.map(explainProblem));
  return { kind: "refused", exitCode: 2, stdout: "", stderr, fatal: [], logFormat: "text", problems };
}

function missingArguments(command: Command, { positionals }: CommandLine): readonly Problem[] {
  if (command !== "explain" || (positionals[0] ?? "") !== "") return [];
  return [{ code: "NodeMissing", message: "the name of a node is missing" }];
}

/** `--force-reboot false` is a switch that is on, and an argument that means nothing. */
function strayArguments(command: Command, { positionals }: CommandLine): readonly Warning[] {
  const expected = command === "explain" ? 1 : 0;
  return positionals.slice(expected).map((argument) => warn("ArgumentIgnored", argument));
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}
