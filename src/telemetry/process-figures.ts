import { readFileSync, readdirSync } from "node:fs";
import type { FamilyReading } from "./exposition.ts";
import type { FamilyType } from "./families.ts";

/**
 * What the kernel says about this process under the names that every Prometheus client uses. Read from `/proc` without
 * waiting; what cannot be read, as on other systems, is left out.
 */
export function processFigures(proc = "/proc"): readonly FamilyReading[] {
  const stat = read(`${proc}/self/stat`);
  const status = read(`${proc}/self/status`);
  // The command's name stands in brackets and may hold spaces: fields are counted from the last bracket, as field 3.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = (field: number): number | undefined => numberOf(fields?.[field - 3]);
  const bootSeconds = numberOf(/^btime ([0-9]+)$/m.exec(read(`${proc}/stat`) ?? "")?.[1]);
  const residentKilobytes = numberOf(/^VmRSS:\s+([0-9]+) kB$/m.exec(status ?? "")?.[1]);
  return [
    reading("process_cpu_seconds_total", {
      type: "counter",
      help: "Processor time that the process has used, in seconds.",
      value: combine(ticks(14), ticks(15), (user, system) => (user + system) / ticksPerSecond),
    }),
    reading("process_open_fds", {
      type: "gauge",
      help: "File descriptors that the process has open.",
      value: entriesOf(`${proc}/self/fd`),
    }),
    reading("process_resident_memory_bytes", {
      type: "gauge",
      help: "Memory that the process holds, in bytes.",
      value: residentKilobytes === undefined ? undefined : residentKilobytes * 1024,
    }),
    reading("process_start_time_seconds", {
      type: "gauge",
      help: "When the process started, in seconds since the Unix epoch.",
      value: combine(bootSeconds, ticks(22), (boot, start) => boot + start / ticksPerSecond),
    }),
  ];
}

/** Linux shows every machine's ticks to programs as hundredths of a second. */
const ticksPerSecond = 100;

interface Figure {
  readonly type: FamilyType;
  readonly help: string;
  readonly value: number | undefined;
}

function reading(name: string, { type, help, value }: Figure): FamilyReading {
  const samples = value === undefined ? [] : [{ suffix: "" as const, labels: {}, value }];
  return { family: { name, type, help, labels: [] }, samples };
}

function combine(a: number | undefined, b: number | undefined, merge: (a: number, b: number) => number) {
  return a === undefined || b === undefined ? undefined : merge(a, b);
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || text === "" ? undefined : Number(text);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function entriesOf(folder: string): number | undefined {
  try {
    return readdirSync(folder).length;
  } catch {
    return undefined;
  }
}
