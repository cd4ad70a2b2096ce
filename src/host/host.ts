import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BootIdentity } from "../core/boot/identity.ts";
import type { Host } from "../ports/host.ts";
import { initIsTheNodes } from "./init-proof.ts";

/** Where the machine is looked at. */
export interface MachineHostOptions {
  /** A file whose trimmed text is the whole boot identity, for simulated hosts (`KURED_BOOT_ID_FILE`). */
  readonly bootIdFile?: string;
  /** The proc file system. */
  readonly proc?: string;
}

/** The machine whose kernel, and with `hostPID` whose PID 1, this process sees. */
export function machineHost({ bootIdFile, proc = "/proc" }: MachineHostOptions = {}): Host {
  return {
    async bootIdentity() {
      if (bootIdFile !== undefined) return { kernelBootId: await readBootId(bootIdFile) };
      return readBootIdentity(proc);
    },
    async signalInit(signalNumber) {
      // Without hostPID we are PID 1 ourselves, and the signal would end kured instead of the machine.
      if (process.pid === 1) throw new Error("PID 1 is kured itself: its pod needs hostPID: true");
      process.kill(1, signalNumber);
    },
  };
}

async function readBootIdentity(proc: string): Promise<BootIdentity> {
  const [kernelBootId, own, init, stat] = await Promise.all([
    readBootId(join(proc, "sys/kernel/random/boot_id")),
    readIfPossible(join(proc, "self/cgroup")),
    readIfPossible(join(proc, "1/cgroup")),
    readIfPossible(join(proc, "1/stat")),
  ]);
  const initStartTicks = initIsTheNodes(own, init) ? startTicks(stat) : undefined;
  return initStartTicks === undefined ? { kernelBootId } : { kernelBootId, initStartTicks };
}

async function readBootId(path: string): Promise<string> {
  const text = (await readFile(path, "utf8")).trim();
  if (text === "") throw new Error(`no boot ID in ${path}: the file is empty`);
  return text;
}

async function readIfPossible(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}

/** Field 22. Counted from the last bracket, because the second field is a name that may hold anything. */
function startTicks(stat: string): string | undefined {
  const ticks = stat
    .slice(stat.lastIndexOf(")") + 1)
    .trim()
    .split(/\s+/)[19];
  return ticks !== undefined && /^\d+$/.test(ticks) ? ticks : undefined;
}
