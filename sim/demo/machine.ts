import type { Clock } from "../../src/ports/clock.ts";
import type { CommandEnd, Commands } from "../../src/ports/commands.ts";
import { FileError, type Files } from "../../src/ports/files.ts";
import type { Host } from "../../src/ports/host.ts";
import type { Cluster } from "../cluster/cluster.ts";

/** A machine that exists only here: a sentinel, a boot identity, a reboot command that works. */
export interface SimulatedMachine {
  readonly node: string;
  readonly files: Files;
  readonly commands: Commands;
  readonly host: Host;
  touchSentinel(): void;
  readonly boots: () => number;
  /** Calls `lost` when the power goes and `back` when it has booted again. */
  onPower(handlers: { readonly lost: () => void; readonly back: () => void }): void;
}

const shutdownMs = 300;
const firmwareMs = 1_200;
const sentinel = "/var/run/reboot-required";

/** A machine that is on and needs no reboot. */
export function createMachine({
  node,
  cluster,
  clock,
  signal,
}: {
  readonly node: string;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): SimulatedMachine {
  let boots = 1;
  let bootedAtMs = clock.now().wallMs;
  let required = false;
  let stopping = false;
  const watchers = new Set<() => void>();
  const powers = new Set<{ readonly lost: () => void; readonly back: () => void }>();
  const bootId = () => `${node}-boot-${boots}`;
  const setRequired = (next: boolean) => {
    required = next;
    for (const changed of watchers) changed();
  };
  const reboot = async () => {
    stopping = true;
    await clock.sleep(shutdownMs, { signal });
    for (const { lost } of powers) lost();
    watchers.clear();
    cluster.powerOff(node);
    await clock.sleep(firmwareMs, { signal });
    boots += 1;
    bootedAtMs = clock.now().wallMs;
    required = false;
    stopping = false;
    cluster.powerOn(node, { bootId: bootId() });
    for (const { back } of powers) back();
  };
  return {
    node,
    boots: () => boots,
    touchSentinel: () => setRequired(true),
    onPower: (handlers) => void powers.add(handlers),
    files: {
      readText: async (path) => {
        throw new FileError(`${path} does not exist`, { code: "ENOENT" });
      },
      look: async (path) => (path === sentinel && required ? { kind: "present" } : { kind: "absent" }),
      watch: (_path, { changed, signal: ends }) => {
        watchers.add(changed);
        ends.addEventListener("abort", () => watchers.delete(changed), { once: true });
      },
    },
    commands: {
      run: async (argv) => {
        const words = argv.slice(argv.indexOf("--") + 1);
        if (words.at(-1) === "is-system-running") return said(stopping ? "stopping" : "running", stopping ? 1 : 0);
        if (words[0] === "test")
          return said("", words.includes(sentinel) && required ? 0 : words.includes("-x") ? 0 : 1);
        if (words.at(-1) === "reboot" && !stopping) void reboot().catch(() => undefined);
        return said("", 0);
      },
    },
    host: {
      bootIdentity: async () => ({ kernelBootId: bootId() }),
      bootedAtMs: async () => bootedAtMs,
      signalInit: async () => void reboot().catch(() => undefined),
    },
  };
}

function said(stdout: string, code: number): CommandEnd {
  return { kind: "exited", code, stdout, stderr: "" };
}
