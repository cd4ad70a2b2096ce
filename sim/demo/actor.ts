import { composeAgent } from "../../src/compose/agent.ts";
import { composeCoordinator } from "../../src/compose/coordinator.ts";
import type { Ports } from "../../src/compose/ports.ts";
import { parseArguments } from "../../src/config/parse-arguments.ts";
import type { Settings } from "../../src/config/settings.ts";
import { bearerToken } from "../../src/kube/connection/bearer-token.ts";
import { httpsTransport } from "../../src/kube/https.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Inbound } from "../../src/ports/inbound.ts";
import type { Log } from "../../src/ports/log.ts";
import type { Random } from "../../src/ports/random.ts";
import { TransportError, type Transport } from "../../src/ports/transport.ts";
import { StreamError } from "../../src/ports/stream.ts";
import { WebError } from "../../src/ports/web.ts";
import { families } from "../../src/telemetry/families.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import type { SimulatedMachine } from "./machine.ts";
import type { Voice } from "./voice.ts";
import type { Users } from "./users.ts";

/** One of kured's processes, run here in place of a pod: the same composition as `dist/kured`, other ports. */
export interface Actor {
  /** As SIGTERM would. */
  stop(): void;
  /** As a kill -9 would: nothing that it still tries to say is heard. */
  kill(): void;
  readonly ended: Promise<void>;
}

/** Who acts, and where. */
export interface ActorOptions {
  /** What the pod's command line would be. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  /** The machine below an agent. */
  readonly machine?: SimulatedMachine;
  readonly clock: Clock;
  readonly random: Random;
  readonly url: string;
  readonly certificateAuthority: string;
  readonly users: Users;
  readonly voice: Voice;
}

/** Starts the process; one on a machine starts again whenever that has booted. */
export function startActor(options: ActorOptions): Actor {
  const settings = settingsOf(options);
  let run = startRun(settings, options);
  let stopped = false;
  const runs = [run.ended];
  options.machine?.onPower({
    lost: () => run.kill(),
    back: () => {
      if (stopped) return;
      run = startRun(settings, options);
      runs.push(run.ended);
    },
  });
  return {
    stop: () => {
      stopped = true;
      run.stop();
    },
    kill: () => run.kill(),
    ended: Promise.resolve().then(async () => void (await Promise.all(runs))),
  };
}

function startRun(settings: Settings, options: ActorOptions): Actor {
  const end = new AbortController();
  const line = cuttable(transportOf(options));
  const ports = portsOf(options, line.transport);
  const compose = settings.command === "agent" ? composeAgent : composeCoordinator;
  const ended = compose(settings, { ports, signal: end.signal }).catch((error: unknown) => {
    if (!end.signal.aborted)
      options.voice.trouble(`${options.user}: ${error instanceof Error ? error.message : String(error)}`);
  });
  return {
    stop: () => end.abort(new Error("SIGTERM")),
    kill: () => {
      line.cut();
      end.abort(new Error("SIGKILL"));
    },
    ended,
  };
}

function settingsOf({ argv, env }: ActorOptions): Settings {
  const outcome = parseArguments({ argv, env, program: "kured" });
  if (outcome.kind !== "settings") throw new Error(`The demo's own arguments are refused: ${argv.join(" ")}`);
  return outcome.settings;
}

function transportOf({ url, certificateAuthority, users, user, clock }: ActorOptions): Transport {
  const credentials = bearerToken(users.tokenOf(user));
  return httpsTransport({
    connection: { server: url, certificateAuthority, credentials },
    clock,
    userAgent: "kured/demo",
  });
}

/** A dead process sends nothing more, whatever its code would still like to do. */
function cuttable(transport: Transport): { readonly transport: Transport; cut(): void } {
  let dead = false;
  return {
    transport: async (request, options) => {
      if (dead) throw new TransportError("the process is dead");
      return await transport(request, options);
    },
    cut: () => {
      dead = true;
    },
  };
}

function portsOf({ clock, random, machine, user, voice }: ActorOptions, transport: Transport): Ports {
  return {
    clock,
    random,
    transport,
    web: () => Promise.reject(new WebError("the demo has no network")),
    openStream: () => Promise.reject(new StreamError("the demo has no network")),
    log: logTo(voice, user),
    metrics: createMetrics(families),
    inbound: silentInbound,
    searchPath: "/bin",
    files: machine?.files ?? noMachine.files,
    commands: machine?.commands ?? noMachine.commands,
    host: machine?.host ?? noMachine.host,
  };
}

function logTo(voice: Voice, speaker: string): Log {
  return { write: (level, message, fields) => voice.line({ speaker, level, message, fields: fields ?? {} }) };
}

/** Thirteen processes in one cannot all listen on kured's port; nobody scrapes the demo. */
const silentInbound: Inbound = {
  serve: async (_handler, { signal }) => {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  },
};

/** A coordinator touches no machine; if it tried, this says so. */
const noMachine: Pick<Ports, "files" | "commands" | "host"> = {
  files: {
    readText: () => Promise.reject(new Error("a coordinator reads no files")),
    look: () => Promise.resolve({ kind: "absent" }),
    watch: () => undefined,
  },
  commands: { run: () => Promise.reject(new Error("a coordinator runs no commands")) },
  host: {
    bootIdentity: () => Promise.reject(new Error("a coordinator has no machine")),
    bootedAtMs: () => Promise.resolve(undefined),
    signalInit: () => Promise.reject(new Error("a coordinator has no machine")),
  },
};
