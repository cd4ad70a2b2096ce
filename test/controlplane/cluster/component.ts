import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { basename } from "node:path";

/** A part of the control plane, running. */
export interface Component {
  readonly pid: number;
  /** Set once it has ended, with how and what it said last. */
  readonly ended: () => string | undefined;
  /** Its exit code once it has ended by itself. */
  readonly exitCode: () => number | undefined;
  /** Resolves when it is gone. */
  gone(): Promise<void>;
  /** Kills it and resolves when it is gone; once it is gone, nothing happens. */
  kill(): Promise<void>;
}

/**
 * Starts a program whose output is appended to `output`. It cannot outlive us: it is killed when this process exits,
 * and the kernel kills it when this process is killed.
 */
export function startComponent(
  argv: readonly [string, ...string[]],
  { output, signal }: { readonly output: string; readonly signal: AbortSignal },
): Component {
  signal.throwIfAborted();
  const file = openSync(output, "a");
  // setpriv is of util-linux, as are the programs that the daemon's namespaces need.
  const [program, ...args] = process.platform === "linux" ? ["setpriv", "--pdeathsig", "KILL", "--", ...argv] : argv;
  // They are small and live for a minute: most of what Go would collect is not worth the time.
  const env = { ...process.env, GOGC: "400" };
  const child = spawn(program, args, { stdio: ["ignore", file, file], env });
  closeSync(file);
  let failure: Error | undefined;
  child.once("error", (error) => (failure = error));
  const killNow = (): void => void child.kill("SIGKILL"); // Does nothing once it is gone.
  if (running.size === 0) process.once("exit", killRunning);
  running.add(killNow);
  signal.addEventListener("abort", killNow, { once: true });
  const closed = new Promise<void>((resolve) => {
    child.once("close", () => {
      running.delete(killNow);
      if (running.size === 0) process.removeListener("exit", killRunning);
      signal.removeEventListener("abort", killNow);
      resolve();
    });
  });
  return {
    pid: child.pid ?? 0,
    ended: () => {
      if (failure !== undefined) return `${basename(argv[0])} could not be started: ${failure.message}`;
      if (!hasEnded(child)) return undefined;
      const last = readFileSync(output, "utf8").trimEnd().split("\n").slice(-15).join("\n");
      return `${basename(argv[0])} ended with ${child.signalCode ?? child.exitCode}; its last lines:\n${last}`;
    },
    exitCode: () => child.exitCode ?? undefined,
    gone: () => closed,
    kill: async () => {
      killNow();
      await closed;
    },
  };
}

/** Of all that run: one listener for each of many hosts would look like a leak to Node. */
const running = new Set<() => void>();

function killRunning(): void {
  for (const killNow of running) killNow();
}

/**
 * A port on loopback that nobody listens on now. Below the range from which the kernel serves outgoing connections,
 * so that a server which is killed finds its port free when it is started again; and given once only, to no process but
 * this one, because the port of a daemon is free while its machine reboots.
 */
export async function freePort(): Promise<number> {
  const stretch = await (claimed ??= claimStretch());
  for (;;) {
    const port = firstPort + stretch * stretchLength + (given++ % stretchLength);
    const server = await listen(port);
    if (server === undefined) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}

const firstPort = 12_000;
const stretches = 40;
const stretchLength = 500;
let claimed: Promise<number> | undefined;
let given = 0;

/** Ports that no other process gives: who listens on the port of a stretch has it until this process ends. */
async function claimStretch(): Promise<number> {
  for (let number = 0; number < stretches; number++) {
    const server = await listen(firstPort - stretches + number);
    if (server === undefined) continue;
    server.unref();
    return number;
  }
  throw new Error(`All ${stretches} stretches of ports on loopback are taken: too many tests run at once`);
}

async function listen(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    return server;
  } catch {
    return undefined;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
