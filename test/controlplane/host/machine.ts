import { watch } from "node:fs";
import { access, chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startComponent, type Component } from "../cluster/component.ts";
import { CONTAINER_SCRIPT, initScript, rebootScript, systemctlScript } from "./scripts.ts";

/** A simulated host that is on. */
export interface Machine {
  /** PID of its PID 1 as we see it. */
  readonly initPid: number;
  /** Kills everything on it and resolves when its init is gone. */
  kill(): Promise<void>;
}

/** Something that happened on the host, with when: in ms since 1970. */
export interface Noted {
  readonly atMs: number;
  readonly what: string;
}

/** Puts into a host's folder what it needs to be switched on. */
export async function furnish(folder: string, { bootId }: { readonly bootId: string }): Promise<void> {
  await mkdir(join(folder, "run"));
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "boot-id"), `${bootId}\n`);
  const scripts = {
    init: initScript(folder),
    container: CONTAINER_SCRIPT,
    "bin/reboot": rebootScript(folder),
    "bin/systemctl": systemctlScript(folder),
  };
  for (const [name, text] of Object.entries(scripts)) {
    await writeFile(join(folder, name), text);
    await chmod(join(folder, name), 0o755);
  }
}

/**
 * Starts the host's PID 1 in namespaces of its own. Rejects with an Error that names the remedy when that is refused.
 */
export async function switchOn(folder: string, signal: AbortSignal): Promise<Machine> {
  const namespaces = ["--pid", "--fork", "--kill-child", "--mount", "--propagation", "private", "--mount-proc"];
  const argv = ["unshare", ...namespaces, "--", join(folder, "init")] as const;
  const unshare = startComponent(argv, { output: join(folder, "console"), signal });
  const ready = (): Promise<boolean> => access(join(folder, "power")).then(yes, no);
  while (!(await ready())) {
    const end = unshare.ended();
    if (end !== undefined) throw new Error(`${end}\n${REMEDY}`);
    await sleep(10, undefined, { signal });
  }
  const initPid = (await childrenOf(unshare.pid))[0];
  if (initPid === undefined) throw new Error(`The init of the host in ${folder} is gone as soon as it came`);
  return { initPid, kill: () => killInit(unshare, initPid) };
}

/** The processes that a process has started, by our PIDs. Empty when it is gone. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return text.split(" ").filter(Boolean).map(Number);
}

/** Calls `shutDown` once for every time that the reboot command asks for it, until `signal` aborts. */
export function watchShutdown(
  folder: string,
  { shutDown, signal }: { readonly shutDown: () => Promise<void>; readonly signal: AbortSignal },
): void {
  let busy = false;
  const look = async (): Promise<void> => {
    if (busy || !(await access(join(folder, "shutting-down")).then(yes, no)) || busy) return;
    busy = true;
    await shutDown();
    busy = false;
  };
  const watcher = watch(folder, { signal, persistent: false }, () => {
    look().catch((error: unknown) => watcher.emit("error", error));
  });
  // What went wrong in `shutDown` is its own to tell; an abort ends the watch.
  watcher.on("error", () => undefined);
}

/** The lines that a script of the host has noted; none when it was never called. */
export async function readNotes(path: string): Promise<readonly Noted[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => ({ atMs: Number(line.slice(0, line.indexOf(" "))), what: line.slice(line.indexOf(" ") + 1) }));
}

const REMEDY =
  "A simulated host needs PID and mount namespaces: run these tests as root on Linux with util-linux installed " +
  "(unshare, nsenter, setpriv); in a container, start that with --privileged.";

/** With its PID 1 the kernel kills everything in a PID namespace; unshare ends when that is done. */
async function killInit(unshare: Component, initPid: number): Promise<void> {
  if (unshare.ended() === undefined) process.kill(initPid, "SIGKILL");
  await unshare.gone();
}

const yes = (): boolean => true;
const no = (): boolean => false;
