import { parseArguments, type Arguments, type ArgumentsOutcome } from "../config/parse-arguments.ts";
import type { Settings } from "../config/settings.ts";
import { startupLines } from "../config/startup-lines.ts";
import { loadExpressions } from "../gates/expression.ts";
import type { Log } from "../ports/log.ts";
import { createLog } from "../telemetry/log.ts";
import { machineClock } from "../host/clock.ts";
import { version } from "../version.ts";
import { machinePorts } from "./machine.ts";
import type { Ports } from "./ports.ts";

/** What one process was started with. */
export interface Invocation {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly program: string;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Width of the terminal behind the standard output; absent where there is none. */
  readonly columns?: number | undefined;
  /** Aborts on SIGTERM and SIGINT. */
  readonly signal: AbortSignal;
}

/** From the arguments to the exit code. Never rejects: what is fatal is logged in kured's form and answered as 1. */
export async function run(invocation: Invocation): Promise<number> {
  const { argv, env, program, stdout, stderr } = invocation;
  const outcome = await understood({ argv, env, program });
  switch (outcome.kind) {
    case "version":
      stdout(`${version}\n`);
      return 0;
    case "help":
      stderr(outcome.text);
      return outcome.exitCode;
    case "refused": {
      stdout(outcome.stdout);
      stderr(outcome.stderr);
      const log = logTo(stderr, outcome.logFormat);
      for (const line of outcome.fatal) log.write("fatal", line);
      return outcome.exitCode;
    }
    case "settings":
      return await runCommand({
        ...invocation,
        settings: outcome.settings,
        warnings: [...outcome.warnings.map(({ message }) => message), ...(await authorities(env))],
      });
  }
}

/** Whoever names certificate authorities as to kured 1.23 has them trusted; resolves with what is to be warned of. */
async function authorities(env: Invocation["env"]): Promise<readonly string[]> {
  if ((env["SSL_CERT_FILE"] ?? "") === "" && (env["SSL_CERT_DIR"] ?? "") === "") return [];
  const { trustAuthorities } = await import("../host/network/authorities.ts");
  return await trustAuthorities(env);
}

/** An expression is judged only where one is given: its library costs every process that loads it some memory. */
async function understood(given: Arguments): Promise<ArgumentsOutcome> {
  let isGiven = false;
  const outcome = parseArguments({ ...given, expressionFault: () => void (isGiven = true) });
  if (!isGiven) return outcome;
  const compile = await loadExpressions();
  const expressionFault = (text: string) => {
    const compiled = compile(text);
    return compiled.kind === "invalid" ? compiled.message : undefined;
  };
  return parseArguments({ ...given, expressionFault });
}

interface Chosen extends Invocation {
  readonly settings: Settings;
  readonly warnings: readonly string[];
}

/** Each command loads its own parts only: what is loaded on every node is weighed. */
async function runCommand(chosen: Chosen): Promise<number> {
  switch (chosen.settings.command) {
    case "agent": {
      const { composeAgent } = await import("./agent.ts");
      return await runDaemon(composeAgent, chosen);
    }
    case "coordinator": {
      const { composeCoordinator } = await import("./coordinator.ts");
      return await runDaemon(composeCoordinator, chosen);
    }
    case "classic": {
      const { composeClassic } = await import("./classic.ts");
      return await runDaemon(composeClassic, chosen);
    }
    case "status": {
      const [{ composeCli }, { status }] = await Promise.all([import("./cli.ts"), import("../cli/status.ts")]);
      return await composeCli(status, chosen);
    }
    case "explain": {
      const [{ composeCli }, { explain }] = await Promise.all([import("./cli.ts"), import("../cli/explain.ts")]);
      return await composeCli(explain, chosen);
    }
    case "cleanup": {
      const [{ composeCli }, { cleanup }] = await Promise.all([import("./cli.ts"), import("../cli/cleanup.ts")]);
      return await composeCli(cleanup, chosen);
    }
  }
}

async function runDaemon(
  compose: (settings: Settings, parts: { readonly ports: Ports; readonly signal: AbortSignal }) => Promise<void>,
  { settings, env, stderr, signal, warnings }: Chosen,
): Promise<number> {
  const log = logTo(stderr, settings.log.format);
  for (const line of startupLines(settings, version)) log.write("info", line);
  for (const warning of warnings) log.write("warning", warning);
  try {
    const ports = await machinePorts(settings, { env, log });
    await compose(settings, { ports, signal });
    log.write("info", "Stopped");
    return 0;
  } catch (error) {
    if (signal.aborted) return 0;
    log.write("fatal", error instanceof Error ? error.message : String(error));
    return 1;
  }
}

function logTo(stderr: (text: string) => void, format: Settings["log"]["format"]): Log {
  return createLog({ format, sink: stderr, clock: machineClock() });
}
