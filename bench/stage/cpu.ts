import { readFile } from "node:fs/promises";
import type { Daemon } from "../../test/controlplane/daemon.ts";

/** What a daemon that runs has used of processors and memory. */
export interface Used {
  readonly cpuSeconds: number;
  /** Resident; shared libraries and the program itself count in full. */
  readonly residentMegabytes: number;
  /** Its own memory, of which nothing is shared and nothing could be read again from a file. */
  readonly anonymousMegabytes: number;
  /** The most that was ever resident. */
  readonly peakMegabytes: number;
}

/** By `/proc`, which counts processor time in hundredths of a second. */
export async function usedBy(daemon: Daemon): Promise<Used> {
  const pid = daemon.pid();
  if (pid === undefined) throw new Error("The daemon does not run");
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  // The name stands in brackets and may hold spaces: behind it come the fields from the third on.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const megabytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
    residentMegabytes: megabytes("VmRSS"),
    anonymousMegabytes: megabytes("RssAnon"),
    peakMegabytes: megabytes("VmHWM"),
  };
}
