import { composeAgent } from "../../../src/compose/agent.ts";
import { composeClassic } from "../../../src/compose/classic.ts";
import { composeCoordinator } from "../../../src/compose/coordinator.ts";
import type { Ports } from "../../../src/compose/ports.ts";
import { parseArguments } from "../../../src/config/parse-arguments.ts";
import type { Settings } from "../../../src/config/settings.ts";
import type { Inbound } from "../../../src/ports/inbound.ts";
import type { Log } from "../../../src/ports/log.ts";
import type { Life } from "./life.ts";

/** One life of one container: the production composition on ports of this world. */
export interface Incarnation {
  /** Asks it to end, as a kubelet and a shutdown do first. */
  terminate(): void;
}

/** What is started. */
export interface IncarnationParts {
  /** The container's command line. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly ports: Ports;
  readonly life: Life;
  /** The process has ended by itself; `fault` is what it died of, if it was not told to end. */
  readonly exited: (fault: string | undefined) => void;
}

/** Starts it; nothing has happened yet when this returns. */
export function startIncarnation({ argv, env, ports, life, exited }: IncarnationParts): Incarnation {
  const end = new AbortController();
  const settings = settingsOf({ argv, env });
  const gone = (fault: string | undefined): void => {
    if (life.state === "dead") return;
    life.kill();
    exited(fault);
  };
  composeOf(settings)(settings, { ports, signal: end.signal }).then(
    () => gone(end.signal.aborted ? undefined : "it ended without being told to"),
    (error: unknown) => gone(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  return { terminate: () => life.deliver(() => end.abort(new Error("SIGTERM"))) };
}

function settingsOf({ argv, env }: Pick<IncarnationParts, "argv" | "env">): Settings {
  // Not the zone of the machine on which the world is replayed.
  const outcome = parseArguments({ argv, env, program: "kured", localZone: "UTC" });
  if (outcome.kind !== "settings") throw new Error(`The world's own arguments are refused: ${argv.join(" ")}`);
  return outcome.settings;
}

function composeOf({ command }: Settings): typeof composeAgent {
  switch (command) {
    case "agent":
      return composeAgent;
    case "coordinator":
      return composeCoordinator;
    case "classic":
      return composeClassic;
    default:
      throw new Error(`Nothing in a cluster runs "kured ${command}"`);
  }
}

/** Nobody scrapes a simulated process. */
export const silentInbound: Inbound = {
  serve: async (_handler, { signal }) => {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  },
};

/** Writes a process's lines for whoever wants to read the story. */
export function logTo(speaker: string, write: (line: string) => void): Log {
  return { write: (level, message) => write(`${speaker} [${level}] ${message}`) };
}
