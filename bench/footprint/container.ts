import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";

/** A runtime's artefact as a container would run it: alone in a memory cgroup, and nobody else has read its files. */
export interface Container {
  /** Full path of the program to start. */
  readonly program: string;
  /** What the cgroup is charged with; `undefined` where this process may make none. */
  memory(): Promise<Charged | undefined>;
  /** Removes it all; nothing of it may run any more. */
  stop(): Promise<void>;
}

/** What a kubelet sees of a container. */
export interface Charged {
  readonly allMegabytes: number;
  /** Without those pages of files that nobody has used for a while: what a memory limit is held against. */
  readonly workingSetMegabytes: number;
}

/** Beside each program, the files that it reads itself. */
const partsOf: Readonly<Record<string, readonly string[]>> = {
  kured: ["kured", "kured.mjs", "lib", "node"],
  "kured-bun": ["kured-bun"],
};

/** Copies a built artefact, so that its pages in memory are its own; by `fadvise` none of them is there yet. */
export async function containerOf(artefact: string): Promise<Container> {
  const folder = await mkdtemp(join(tmpdir(), "kured-footprint-"));
  const name = basename(artefact);
  for (const part of partsOf[name] ?? [name]) {
    await cp(join(dirname(artefact), part), join(folder, part), { recursive: true });
    if (part === "lib") continue;
    await run("dd", [`of=${join(folder, part)}`, "conv=notrunc,fdatasync", "oflag=nocache", "count=0", "status=none"]);
  }
  const cgroup = await makeCgroup(basename(folder));
  const enter = cgroup === undefined ? "" : `echo $$ > ${cgroup.folder}/cgroup.procs\n`;
  const program = join(folder, "start");
  await writeFile(program, `#!/bin/sh\n${enter}exec ${join(folder, name)} "$@"\n`, { mode: 0o755 });
  return {
    program,
    memory: async () => await cgroup?.read(),
    stop: async () => {
      if (cgroup !== undefined) await rmdir(cgroup.folder);
      await rm(folder, { recursive: true });
    },
  };
}

const run = promisify(execFile);

interface Cgroup {
  readonly folder: string;
  read(): Promise<Charged>;
}

/** Below our own, of version 2 or 1; `undefined` without the right to make one. */
async function makeCgroup(name: string): Promise<Cgroup | undefined> {
  const own = await readFile("/proc/self/cgroup", "utf8");
  const first = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.+)$/m.exec(own)?.[1];
  const second = /^0::(.+)$/m.exec(own)?.[1] ?? "/";
  const folder = join(first === undefined ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory", first ?? second, name);
  const [all, inactive] =
    first === undefined ? ["memory.current", "inactive_file"] : ["memory.usage_in_bytes", "total_inactive_file"];
  try {
    await mkdir(folder);
    await readFile(join(folder, all));
  } catch {
    return undefined;
  }
  return {
    folder,
    read: async () => {
      const bytes = Number(await readFile(join(folder, all), "utf8"));
      const stat = await readFile(join(folder, "memory.stat"), "utf8");
      const unused = Number(new RegExp(`^${inactive} (\\d+)$`, "m").exec(stat)?.[1]);
      return { allMegabytes: bytes / 1024 ** 2, workingSetMegabytes: Math.max(0, bytes - unused) / 1024 ** 2 };
    },
  };
}
