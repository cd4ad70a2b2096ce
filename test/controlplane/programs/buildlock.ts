import { randomUUID } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
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
    if (holder === "") continue; // Let go of between our two looks.
    if (!isAlive(Number(holder))) {
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

/** The file appears together with its content, or a run that is killed in between would hold the lock for ever. */
async function take(path: string): Promise<boolean> {
  const ours = `${path}.${randomUUID()}`;
  await writeFile(ours, String(process.pid));
  try {
    await link(ours, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(ours, { force: true });
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
