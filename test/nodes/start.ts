import { spawn } from "node:child_process";
import { existsSync, openSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { removeCgroups } from "./keeper/cgroups.ts";
import { CGROUPS_FILE } from "./keeper/machine.ts";
import { RIG_FILE } from "./rig.ts";

export interface KeeperOptions {
  readonly count: number;
  /** Whether the rig outlives this process; else it is killed with it. */
  readonly detached: boolean;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Network, mounts and process IDs of a rig are its own: nothing can be in the way of another one, and whatever ends the
 * keeper, the kernel ends everything else. A machine outlives its nspawn otherwise.
 */
const NAMESPACES = [
  "unshare",
  "--net",
  "--mount",
  "--propagation=private",
  "--pid",
  "--fork",
  "--kill-child",
  "--mount-proc",
] as const;

const READY_WITHIN_MS = 20 * 60_000;

/** Starts a keeper in namespaces of its own and resolves when its nodes are Ready; rejects with its last words. */
export async function startKeeper(folder: string, { count, detached, log, signal }: KeeperOptions): Promise<void> {
  if (await isKept(folder)) throw new Error(`A rig runs already from ${folder}: npm run nodes -- down ends it`);
  await removeFolder(folder);
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const said = join(folder, "keeper.log");
  const output = openSync(said, "a");
  const keeper = join(import.meta.dirname, "keeper/main.ts");
  const dies = detached ? [] : ["setpriv", "--pdeathsig", "KILL", "--"];
  const [program, ...words] = [...dies, ...NAMESPACES, process.execPath, keeper, folder, String(count)];
  const child = spawn(program, words, { stdio: ["ignore", output, output], detached });
  child.unref();
  await writeFile(pidFile(folder), String(child.pid ?? ""));
  const deadlineMs = Date.now() + READY_WITHIN_MS;
  for (let told = 0; !existsSync(join(folder, RIG_FILE));) {
    await sleep(100, undefined, { signal });
    const text = await readFile(said, "utf8");
    if (child.exitCode !== null) throw new Error(`The nodes did not come up:\n${lastLines(text)}`);
    const lines = text.split("\n").slice(0, -1);
    for (const line of lines.slice(told)) log(line);
    told = lines.length;
    if (Date.now() > deadlineMs) throw new Error(`The nodes were not ready in time:\n${lastLines(text)}`);
  }
}

/** What a program is started through to be where the rig in `folder` can be reached; rejects unless one runs. */
export async function intoRig(folder: string): Promise<readonly [string, ...string[]]> {
  const pid = existsSync(join(folder, RIG_FILE)) ? await keeperOf(folder) : undefined;
  if (pid === undefined) throw new Error(`No nodes run from ${folder}: npm run nodes -- up 3`);
  return ["nsenter", "--target", String(pid), "--net", "--mount", "--pid", `--wd=${process.cwd()}`, "--"];
}

/** Ends a rig and removes its folder; one that does not run is fine. */
export async function stopKeeper(
  folder: string,
  { log, signal }: { readonly log: (line: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  const pid = await keeperOf(folder);
  if (pid !== undefined) {
    process.kill(pid, "SIGTERM");
    while (await isKept(folder)) await sleep(100, undefined, { signal });
  }
  await removeFolder(folder);
  log(pid === undefined ? `no nodes ran from ${folder}` : "all nodes and their control plane have ended");
}

/** With what a keeper that was killed could not take away itself. */
async function removeFolder(folder: string): Promise<void> {
  const machines = await readdir(join(folder, "nodes")).catch(() => []);
  for (const machine of machines) {
    const cgroups = await readFile(join(folder, "nodes", machine, CGROUPS_FILE), "utf8").catch(() => "");
    await removeCgroups(cgroups.split("\n").filter((path) => path !== ""));
  }
  await rm(folder, { recursive: true, force: true });
}

async function isKept(folder: string): Promise<boolean> {
  return (await keeperOf(folder)) !== undefined;
}

/** The keeper's process ID while it runs: of the one child of the `unshare` whose ID is noted. */
async function keeperOf(folder: string): Promise<number | undefined> {
  const unshare = (await readFile(pidFile(folder), "utf8").catch(() => "")).trim();
  const children = await readFile(`/proc/${unshare}/task/${unshare}/children`, "utf8").catch(() => "");
  const pid = children.trim().split(" ")[0] ?? "";
  const commandLine = pid === "" ? "" : await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  // The kernel may have given the number to another process since.
  return commandLine.split("\0").includes(folder) ? Number(pid) : undefined;
}

function pidFile(folder: string): string {
  return join(folder, "keeper.pid");
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-20).join("\n");
}
