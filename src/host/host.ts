import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { BootIdentity } from "../core/boot/identity.ts";
import type { Host } from "../ports/host.ts";
import { initIsTheNodes } from "./init-proof.ts";

/** Where the machine is looked at. */
export interface MachineHostOptions {
  /**
   * A file whose trimmed text is the whole boot identity, for simulated hosts (`KURED_BOOT_ID_FILE`). That boot began
   * when the file was written.
   */
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
    async bootedAtMs() {
      return bootIdFile === undefined ? readBootedAtMs(proc) : writtenAtMs(bootIdFile);
    },
    async signalInit(signalNumber) {
      // Without hostPID we are PID 1 ourselves, and the signal would end kured instead of the machine.
      if (process.pid === 1) throw new Error("PID 1 is kured itself: its pod needs hostPID: true");
      process.kill(1, signalNumber);
    },
  };
}

async function readBootIdentity(proc: string): Promise<BootIdentity> {
  const [kernelBootId, initStartTicks] = await Promise.all([
    readBootId(join(proc, "sys/kernel/random/boot_id")),
    readInitStartTicks(proc),
  ]);
  return initStartTicks === undefined ? { kernelBootId } : { kernelBootId, initStartTicks };
}

/** Where nodes are containers, their PID 1 began long after the kernel; where that is not known, the kernel counts. */
async function readBootedAtMs(proc: string): Promise<number | undefined> {
  const [kernel, initStartTicks = "0"] = await Promise.all([
    readIfPossible(join(proc, "stat")),
    readInitStartTicks(proc),
  ]);
  const [, bootSeconds] = /^btime (\d+)$/m.exec(kernel) ?? [];
  return bootSeconds === undefined ? undefined : Number(bootSeconds) * 1_000 + Number(initStartTicks) * msPerTick;
}

/** Linux counts in hundredths of a second towards user space, whatever the kernel's own clock (proc(5)). */
const msPerTick = 10;

async function writtenAtMs(path: string): Promise<number | undefined> {
  try {
    return Math.floor((await stat(path)).mtimeMs);
  } catch {
    return undefined;
  }
}

async function readInitStartTicks(proc: string): Promise<string | undefined> {
  const [own, init, text] = await Promise.all([
    readIfPossible(join(proc, "self/cgroup")),
    readIfPossible(join(proc, "1/cgroup")),
    readIfPossible(join(proc, "1/stat")),
  ]);
  return initIsTheNodes(own, init) ? startTicks(text) : undefined;
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
function startTicks(text: string): string | undefined {
  const ticks = text
    .slice(text.lastIndexOf(")") + 1)
    .trim()
    .split(/\s+/)[19];
  return ticks !== undefined && /^\d+$/.test(ticks) ? ticks : undefined;
}
