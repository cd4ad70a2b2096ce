import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runToEnd, type ProgramEnd } from "../controlplane/processes.ts";
import { SWITCHES } from "./keeper/machine.ts";

/** One machine, as somebody with a hand on it. */
export interface Machine {
  readonly name: string;
  /** Runs a program in it, as root, and resolves with how it ended. Rejects while the machine is off. */
  exec(argv: readonly string[]): Promise<ProgramEnd>;
  /** What its kernel would say; each boot has another. */
  bootId(): Promise<string>;
  /** Every later boot takes so many seconds longer; 0 for none. */
  delay(seconds: number): Promise<void>;
  /** It does not come back from its next reboot until `release`. */
  hold(): Promise<void>;
  release(): Promise<void>;
  /** Cuts its power: nothing is shut down, and it stays off until `powerOn`. */
  crash(): Promise<void>;
  powerOn(): Promise<void>;
  /** Whether it is running, be it in the middle of a boot or of a shutdown. */
  isOn(): Promise<boolean>;
  /** How often it has booted so far. */
  boots(): Promise<number>;
}

export function attachMachine(
  name: string,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Machine {
  const at = (file: string): string => join(folder, file);
  const exec: Machine["exec"] = async (argv) => {
    const init = await initOf(folder);
    if (init === undefined) throw new Error(`Machine ${name} is off`);
    return await runToEnd(["nsenter", "--target", String(init), "--all", "--", ...argv], {
      environment: inside,
      signal,
    });
  };
  return {
    name,
    exec,
    bootId: async () => (await exec(["cat", "/proc/sys/kernel/random/boot_id"])).stdout.trim(),
    delay: (seconds) => writeFile(at(SWITCHES.delay), String(seconds)),
    hold: () => writeFile(at(SWITCHES.hold), ""),
    release: () => rm(at(SWITCHES.hold), { force: true }),
    crash: async () => {
      await writeFile(at(SWITCHES.off), "");
      const init = await initOf(folder);
      if (init !== undefined) process.kill(init, "SIGKILL");
    },
    powerOn: () => rm(at(SWITCHES.off), { force: true }),
    isOn: async () => (await initOf(folder)) !== undefined,
    boots: async () => {
      const lines = (await readFile(at("boots"), "utf8").catch(() => "")).split("\n");
      return lines.filter((line) => line.endsWith(" boots")).length;
    },
  };
}

const inside = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", LANG: "C.UTF-8" };

/** The process ID, as this side has it, of the machine's own PID 1: the one child of its nspawn. */
async function initOf(folder: string): Promise<number | undefined> {
  const file = join(folder, SWITCHES.nspawn);
  if (!existsSync(file)) return undefined;
  const nspawn = (await readFile(file, "utf8").catch(() => "")).trim();
  const children = await readFile(`/proc/${nspawn}/task/${nspawn}/children`, "utf8").catch(() => "");
  const [init] = children.trim().split(" ");
  return init === undefined || init === "" ? undefined : Number(init);
}
