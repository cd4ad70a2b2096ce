import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestClient } from "./client.ts";
import { furnish, readNotes, switchOn, watchShutdown, type Machine, type Noted } from "./host/machine.ts";
import { behaviourLine, type RebootBehaviour } from "./host/scripts.ts";
import { setBootId, setNodeReady, waitFor } from "./waits.ts";

export interface HostOptions {
  /** Name of the Node whose machine this is; it must exist unless `hasNode` is false. */
  readonly node: string;
  readonly admin: TestClient;
  /** Until `setRebootBehaviour` says otherwise; `boots` unless given. */
  readonly reboot?: RebootBehaviour;
  /** A random one unless given; the Node is told. */
  readonly bootId?: string;
  /** Whether there is a Node of this name to be told of boots; true unless given. */
  readonly hasNode?: boolean;
  readonly signal: AbortSignal;
}

/**
 * A machine that can reboot: PID and mount namespaces of its own with a PID 1 that is not the daemon's, a /run and a
 * kernel boot ID of its own. Everything that runs on it dies when it goes down. Its parts at the same paths inside
 * and outside, so that a test can look at them.
 */
export interface SimulatedHost {
  readonly node: string;
  readonly folder: string;
  /** The sentinel file; on the machine it is also /var/run/reboot-required. */
  readonly sentinel: string;
  /** Mounted over /proc/sys/kernel/random/boot_id on the machine. */
  readonly bootIdFile: string;
  /** Full path of the reboot command, for `--reboot-command`. */
  readonly rebootCommand: string;
  /** Has `reboot` and a `systemctl` that knows `is-system-running` and `reboot`; to come first in PATH. */
  readonly binFolder: string;
  /** PID of its PID 1 as we see it; changes with every boot, `undefined` while it is off. */
  initPid(): number | undefined;
  bootId(): Promise<string>;
  /** How often it has come up; 1 from the start. */
  boots(): number;
  /** Every call of the reboot command, with its arguments; `signal` when PID 1 got the reboot signal. */
  reboots(): Promise<readonly Noted[]>;
  /** Every signal that PID 1 got, such as `RTMIN+5`. */
  signals(): Promise<readonly Noted[]>;
  /** Creates the sentinel, or removes it. */
  requireReboot(required?: boolean): Promise<void>;
  setRebootBehaviour(behaviour: RebootBehaviour): Promise<void>;
  /** Cuts the power: everything on the machine is killed. */
  cutPower(options?: { readonly notReady?: boolean }): Promise<void>;
  /** Switches it on: it has another boot ID, the Node is told so and made Ready, and what `onBoot` has is started. */
  boot(options?: { readonly keepSentinel?: boolean }): Promise<void>;
  /** Resolves when it has come up `count` times in all, and rejects when a reboot went wrong. 30 s unless given. */
  untilBooted(count: number, options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Has something started at the end of every boot; what is returned ends that. */
  onBoot(start: () => Promise<void>): () => void;
  /** Switches it off for good and removes its folder. */
  stop(): Promise<void>;
}

/** Makes a host and switches it on. Rejects with an Error that names the remedy when namespaces are refused. */
export async function startHost(options: HostOptions): Promise<SimulatedHost> {
  const folder = await mkdtemp(join(tmpdir(), `kured-host-${options.node}-`));
  await furnish(folder, { bootId: options.bootId ?? randomUUID() });
  const host = new Host(folder, options);
  try {
    await host.setRebootBehaviour(options.reboot ?? { kind: "boots" });
    await host.start();
    return host;
  } catch (error) {
    await host.stop();
    throw error;
  }
}

class Host implements SimulatedHost {
  readonly node: string;
  readonly folder: string;
  readonly sentinel: string;
  readonly bootIdFile: string;
  readonly rebootCommand: string;
  readonly binFolder: string;
  readonly #admin: TestClient;
  readonly #hasNode: boolean;
  readonly #signal: AbortSignal;
  readonly #ending = new AbortController();
  readonly #atBoot = new Set<() => Promise<void>>();
  #behaviour: RebootBehaviour = { kind: "boots" };
  #machine: Machine | undefined;
  #boots = 0;
  #trouble: unknown;

  constructor(folder: string, { node, admin, signal, hasNode = true }: HostOptions) {
    this.node = node;
    this.folder = folder;
    this.sentinel = join(folder, "run/reboot-required");
    this.bootIdFile = join(folder, "boot-id");
    this.binFolder = join(folder, "bin");
    this.rebootCommand = join(folder, "bin/reboot");
    this.#admin = admin;
    this.#hasNode = hasNode;
    this.#signal = AbortSignal.any([signal, this.#ending.signal]);
  }

  async start(): Promise<void> {
    await this.boot({ keepSentinel: true });
    watchShutdown(this.folder, { shutDown: () => this.#shutDown(), signal: this.#signal });
  }

  initPid(): number | undefined {
    return this.#machine?.initPid;
  }

  async bootId(): Promise<string> {
    return (await readFile(this.bootIdFile, "utf8")).trim();
  }

  boots(): number {
    return this.#boots;
  }

  reboots(): Promise<readonly Noted[]> {
    return readNotes(join(this.folder, "reboots"));
  }

  signals(): Promise<readonly Noted[]> {
    return readNotes(join(this.folder, "signals"));
  }

  async requireReboot(required = true): Promise<void> {
    if (required) await writeFile(this.sentinel, "");
    else await rm(this.sentinel, { force: true });
  }

  async setRebootBehaviour(behaviour: RebootBehaviour): Promise<void> {
    this.#behaviour = behaviour;
    await writeFile(join(this.folder, "reboot-behaviour"), behaviourLine(behaviour));
  }

  async cutPower({ notReady = false }: { readonly notReady?: boolean } = {}): Promise<void> {
    const machine = this.#machine;
    // Its processes die one after the other, and none of them may be started again on what is about to end.
    this.#machine = undefined;
    await machine?.kill();
    await rm(join(this.folder, "power"), { force: true });
    if (notReady) await setNodeReady(this.#admin, { node: this.node, ready: false, signal: this.#signal });
  }

  async boot({ keepSentinel = false }: { readonly keepSentinel?: boolean } = {}): Promise<void> {
    await rm(join(this.folder, "shutting-down"), { force: true });
    await this.requireReboot(keepSentinel && (await this.#sentinelIsThere()));
    if (this.#boots > 0) await writeFile(this.bootIdFile, `${randomUUID()}\n`);
    this.#machine = await switchOn(this.folder, this.#signal);
    if (this.#hasNode) await this.#tellNode(await this.bootId());
    this.#boots += 1;
    await Promise.all([...this.#atBoot].map((start) => start()));
  }

  async untilBooted(count: number, { timeoutMs = 30_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
    const came = (): Promise<boolean> => Promise.resolve(this.#boots >= count || this.#trouble !== undefined);
    await waitFor(`${this.node} to have booted ${count} times`, came, { signal: this.#signal, timeoutMs });
    if (this.#trouble !== undefined) throw new Error(`${this.node} did not reboot as told`, { cause: this.#trouble });
  }

  onBoot(start: () => Promise<void>): () => void {
    this.#atBoot.add(start);
    return () => this.#atBoot.delete(start);
  }

  async stop(): Promise<void> {
    this.#ending.abort(new Error(`The host of ${this.node} is stopped`));
    await this.#machine?.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** What follows the reboot command. Its failure is told by `untilBooted`, for nobody waits for this. */
  async #shutDown(): Promise<void> {
    const behaviour = this.#behaviour;
    if (behaviour.kind !== "boots" && behaviour.kind !== "staysDown") return;
    try {
      await sleep(behaviour.shutdownMs ?? 200, undefined, { signal: this.#signal });
      await this.cutPower(behaviour);
      if (behaviour.kind === "staysDown") return;
      await sleep(behaviour.downMs ?? 300, undefined, { signal: this.#signal });
      await this.boot(behaviour);
    } catch (error) {
      this.#trouble = error;
    }
  }

  /**
   * For as long as it may take: the API server may be the one that is down, and comes back slowly on a busy machine.
   */
  async #tellNode(bootId: string): Promise<void> {
    const wait = { signal: this.#signal, timeoutMs: 120_000 };
    await waitFor(
      `the Node ${this.node} to be told its boot ID`,
      async () => {
        await setBootId(this.#admin, { node: this.node, bootId });
        await setNodeReady(this.#admin, { node: this.node, ready: true, ...wait });
        return true;
      },
      wait,
    );
  }

  async #sentinelIsThere(): Promise<boolean> {
    return readFile(this.sentinel).then(
      () => true,
      () => false,
    );
  }
}
