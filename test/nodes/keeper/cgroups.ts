import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const ROOT = "/sys/fs/cgroup";

/**
 * A cgroup of the node's own in every hierarchy, below that of this process; nspawn makes it the root of all that the
 * node sees. With a common one every kubelet would remove the pods of the others as strangers.
 */
export async function nodeCgroups(name: string): Promise<readonly string[]> {
  const lines = (await readFile("/proc/self/cgroup", "utf8")).trimEnd().split("\n");
  return lines.flatMap((line) => {
    const [, controllers = "", path = "/"] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const hierarchy = controllers === "" ? "unified" : controllers.replace(/^name=/, "");
    return existsSync(join(ROOT, hierarchy)) ? [join(ROOT, hierarchy, path, name)] : [];
  });
}

/** Makes them anew, empty of what an earlier boot left. */
export async function renewCgroups(cgroups: readonly string[]): Promise<void> {
  await removeCgroups(cgroups);
  for (const cgroup of cgroups) {
    await mkdir(cgroup, { recursive: true });
    if (!cgroup.startsWith(join(ROOT, "cpuset"))) continue;
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      await writeFile(join(cgroup, file), await readFile(join(dirname(cgroup), file), "utf8"));
    }
  }
}

/** Removes cgroups with all below. The kernel is a moment late to let go of those whose processes were killed. */
export async function removeCgroups(cgroups: readonly string[]): Promise<void> {
  for (const cgroup of cgroups) {
    for (let attempt = 0; attempt < 50 && !(await removeTree(cgroup)); attempt++) await sleep(50);
  }
}

/** Whether it is gone. */
async function removeTree(cgroup: string): Promise<boolean> {
  const entries = await readdir(cgroup, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(cgroup, entry.name));
  await rmdir(cgroup).catch(() => undefined);
  return !existsSync(cgroup);
}
