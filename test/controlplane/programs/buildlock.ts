import { readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs `work` while no other process on this machine runs work under the same lock file. A lock whose process is gone
 * is taken over. It saves double work and nothing more: what is built under it appears by rename.
 */
export async function withBuildLock<T>(
  path: string,
  work: () => Promise<T>,
  { waiting, signal }: { readonly waiting: (holder: string) => void; readonly signal: AbortSignal },
): Promise<T> {
  for (let told = false; !(await take(path));) {
    const holder = await readFile(path, "utf8").catch(() => "");
    if (holder !== "" && !isAlive(Number(holder))) {
      await rm(path, { force: true });
      continue;
    }
    if (!told) waiting(holder);
    told = true;
    await sleep(1000, undefined, { signal });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
