import { readFileSync } from "node:fs";
import type { Daemon } from "../controlplane/daemon.ts";

/** The most memory that the run which is on has had at once. */
export function peakMegabytes(daemon: Daemon): number {
  const status = readFileSync(`/proc/${daemon.pid()}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
