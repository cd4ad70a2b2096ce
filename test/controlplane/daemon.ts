import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { SimulatedHost } from "./host.ts";
import { childrenOf } from "./host/machine.ts";

export interface DaemonOptions {
  readonly host: SimulatedHost;
  /** Where the API server is, and whose certificates count. */
  readonly cluster: { readonly port: number; readonly pki: { readonly authority: { readonly certificate: string } } };
  /** Full path of the program: what `KURED_BIN` names. */
  readonly program: string;
  readonly args?: readonly string[];
  /** Over what a container would have anyway; `undefined` takes a variable away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly token: string;
  /** Of its service account; `kube-system` unless given. */
  readonly namespace?: string;
  /** Where it finds the API server; the cluster's own port unless given. A proxy's, for example. */
  readonly port?: number;
  /** As a container's restart policy: started again this long after it ended by itself. Not at all unless given. */
  readonly restartAfterMs?: number;
  readonly signal: AbortSignal;
}

export interface OutputLine {
  /** When we read it, in ms since 1970. */
  readonly atMs: number;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  /** Which start of the daemon wrote it, from 1. */
  readonly run: number;
}

/** How one run of the daemon ended; exactly one of `code` and `signal` is set. */
export interface DaemonEnd {
  readonly run: number;
  readonly code?: number;
  readonly signal?: NodeJS.Signals;
}

/**
 * The daemon under test as a process of its own in a container-like mount namespace on a simulated host, which it
 * outlives as a container outlives its process: it can be killed and started again, and is when the host reboots.
 */
export interface Daemon {
  /** By our PIDs; `undefined` while it does not run. */
  pid(): number | undefined;
  /** How often it was started. */
  runs(): number;
  /** Every line of all its runs so far. */
  lines(): readonly OutputLine[];
  /** Resolves with the end of the run that is on, or of the last one. */
  exited(): Promise<DaemonEnd>;
  /** Sends a signal to the daemon alone, not to what it has started. SIGSTOP and SIGCONT freeze and thaw it. */
  kill(signal: NodeJS.Signals | number): void;
  /** Starts it again after it ended. */
  start(): Promise<void>;
  /**
   * Resolves with the first line that matches, among all those after the first `after` ones. Rejects after `timeoutMs`
   * (30 s unless given) with an Error that shows the last lines.
   */
  waitForLine(pattern: RegExp, options?: { readonly after?: number; readonly timeoutMs?: number }): Promise<OutputLine>;
  /** Replaces the token file in one step, as a kubelet does when it rotates. */
  writeToken(token: string): Promise<void>;
  /** Kills it for good: it does not come back, not even when the host boots. */
  stop(): Promise<void>;
}

/** Starts the daemon on a host that is on. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const account = await mkdtemp(join(options.host.folder, "account-"));
  await writeFile(join(account, "ca.crt"), options.cluster.pki.authority.certificate);
  await writeFile(join(account, "namespace"), options.namespace ?? "kube-system");
  const daemon = new DaemonProcess(account, options);
  await daemon.writeToken(options.token);
  await daemon.start();
  return daemon;
}

/** One run of the daemon, from its start. */
interface Run {
  /** nsenter, which waits for the daemon and ends as it does. */
  readonly entry: ChildProcess;
  readonly end: Promise<DaemonEnd>;
  /** Resolves when `pid` is known, or never will be. */
  readonly started: Promise<void>;
  /** Of the machine that it runs on. */
  readonly initPid: number;
  /** The daemon's own; `undefined` before it is known and after it has ended. */
  pid: number | undefined;
  ended: boolean;
}

class DaemonProcess implements Daemon {
  readonly #account: string;
  readonly #options: DaemonOptions;
  readonly #lines: OutputLine[] = [];
  readonly #leaveHost: () => void;
  #run: Run | undefined;
  #runs = 0;
  #stopped = false;

  constructor(account: string, options: DaemonOptions) {
    this.#account = account;
    this.#options = options;
    this.#leaveHost = options.host.onBoot(async () => {
      const run = this.#run;
      // It died with the machine, which we may not have noticed yet; unless it has been restarted on the new one
      // already.
      if (run?.initPid !== options.host.initPid()) await run?.end;
      await this.start();
    });
  }

  pid(): number | undefined {
    return this.#run?.pid;
  }

  runs(): number {
    return this.#runs;
  }

  lines(): readonly OutputLine[] {
    return this.#lines;
  }

  exited(): Promise<DaemonEnd> {
    if (this.#run === undefined) throw new Error("The daemon was never started");
    return this.#run.end;
  }

  kill(signal: NodeJS.Signals | number): void {
    const run = this.#run;
    if (run?.pid === undefined) throw new Error("The daemon does not run");
    process.kill(run.pid, signal);
    // nsenter stops itself along with the process that it waits for.
    if (signal === "SIGCONT" || signal === "SIGKILL") run.entry.kill("SIGCONT");
  }

  async start(): Promise<void> {
    const { host, program, args = [], signal } = this.#options;
    const initPid = host.initPid();
    if (this.#stopped || initPid === undefined || this.#run?.ended === false) return;
    signal.throwIfAborted();
    const enter = ["nsenter", `--target=${initPid}`, "--mount", "--pid", "--"];
    const contain = ["unshare", "--mount", "--propagation", "private", "--", join(host.folder, "container")];
    const argv = ["--pdeathsig", "KILL", "--", ...enter, ...contain, this.#account, program, ...args];
    const entry = spawn("setpriv", argv, { stdio: ["ignore", "pipe", "pipe"], env: this.#environment() });
    this.#runs += 1;
    this.#capture(entry, this.#runs);
    const end = this.#untilEnd(entry, this.#runs);
    const started = firstChild(entry).then((pid) => {
      if (!run.ended) run.pid = pid;
    });
    const run: Run = { entry, end, started, initPid, pid: undefined, ended: false };
    this.#run = run;
    await started;
  }

  async waitForLine(
    pattern: RegExp,
    { after = 0, timeoutMs = 30_000 }: { readonly after?: number; readonly timeoutMs?: number } = {},
  ): Promise<OutputLine> {
    const deadlineMs = Date.now() + timeoutMs;
    for (;;) {
      const found = this.#lines.slice(after).find(({ text }) => pattern.test(text));
      if (found !== undefined) return found;
      if (Date.now() > deadlineMs) {
        const last = this.#lines.slice(-20).map(({ text }) => text);
        throw new Error(
          [`The daemon did not say ${String(pattern)} in ${timeoutMs} ms; its last lines:`, ...last].join("\n"),
        );
      }
      await sleep(20, undefined, { signal: this.#options.signal });
    }
  }

  async writeToken(token: string): Promise<void> {
    await writeFile(join(this.#account, ".token"), token);
    await rename(join(this.#account, ".token"), join(this.#account, "token"));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#leaveHost();
    const run = this.#run;
    await run?.started;
    try {
      if (run?.pid !== undefined) this.kill("SIGKILL");
    } catch (error) {
      // It has ended by itself a moment ago, and nsenter has not told us yet.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
    await run?.end;
  }

  #capture(entry: ChildProcess, run: number): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const input = entry[stream];
      if (input === null) continue;
      createInterface({ input }).on("line", (text) => this.#lines.push({ atMs: Date.now(), stream, text, run }));
    }
  }

  async #untilEnd(entry: ChildProcess, number: number): Promise<DaemonEnd> {
    const closed = once(entry, "close");
    const [code, signal] = (await once(entry, "exit")) as [number | null, NodeJS.Signals | null];
    if (this.#run !== undefined) Object.assign(this.#run, { pid: undefined, ended: true });
    // Its last lines may still be on their way. What it has started may hold the pipes open for much longer.
    await Promise.race([closed, sleep(200)]);
    const { restartAfterMs } = this.#options;
    if (restartAfterMs !== undefined) this.#startLater(restartAfterMs);
    return { run: number, ...(code === null ? {} : { code }), ...(signal === null ? {} : { signal }) };
  }

  #startLater(delayMs: number): void {
    sleep(delayMs, undefined, { signal: this.#options.signal })
      .then(() => this.start())
      .catch(() => undefined); // The suite is over.
  }

  /** What a container gets, and nothing of ours. */
  #environment(): NodeJS.ProcessEnv {
    const { host, cluster, port, environment } = this.#options;
    return {
      PATH: `${host.binFolder}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      HOME: "/root",
      KUBERNETES_SERVICE_HOST: "127.0.0.1",
      KUBERNETES_SERVICE_PORT: String(port ?? cluster.port),
      KURED_NODE_ID: host.node,
      KURED_BOOT_ID_FILE: host.bootIdFile,
      ...environment,
    };
  }
}

/** nsenter forks to enter a PID namespace; its child becomes the daemon, by exec, under the same PID. */
async function firstChild(entry: ChildProcess): Promise<number | undefined> {
  while (entry.pid !== undefined && entry.exitCode === null && entry.signalCode === null) {
    const [child] = await childrenOf(entry.pid);
    if (child !== undefined) return child;
    await sleep(5);
  }
  return undefined;
}
