import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runToEnd, type ProgramEnd } from "../controlplane/processes.ts";
import { waitFor } from "../controlplane/waits.ts";
import { cutPower, initOf, SWITCHES } from "./keeper/machine.ts";

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
  /** Cuts its power: nothing is shut down, and it stays off until `powerOn`. Resolves when nothing of it runs. */
  crash(): Promise<void>;
  powerOn(): Promise<void>;
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
      await cutPower(folder);
      await waitFor(`machine ${name} to be off`, () => Promise.resolve(!existsSync(at(SWITCHES.nspawn))), { signal });
    },
    powerOn: () => rm(at(SWITCHES.off), { force: true }),
    boots: async () => {
      const lines = (await readFile(at("boots"), "utf8").catch(() => "")).split("\n");
      return lines.filter((line) => line.endsWith(" boots")).length;
    },
  };
}

const inside = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", LANG: "C.UTF-8" };
