import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runToEnd } from "../../controlplane/processes.ts";
import { startComponent, type Component } from "../../controlplane/cluster/component.ts";
import { nodeCgroups, removeCgroups, renewCgroups } from "./cgroups.ts";
import { BRIDGE } from "./network.ts";

export interface MachineOptions {
  readonly name: string;
  /** The machine's own: its disk, its console and the switches below. */
  readonly folder: string;
  /** The file system that all machines have in common. */
  readonly system: string;
  /** Programs that it has in /usr/local/bin, by their paths here. */
  readonly programs: readonly string[];
  /** Archives of images, `/images` in the machine. */
  readonly images: string;
  readonly signal: AbortSignal;
}

/** Files in a machine's folder by which others tell it what happens to it; what they hold is said beside them. */
export const SWITCHES = {
  /** The machine is without power while it is there. */
  off: "off",
  /** It does not come back from a reboot while it is there. */
  hold: "hold",
  /** How many seconds longer its firmware takes. */
  delay: "delay",
  /** Process ID of its nspawn, here from the start to the end of each boot. */
  nspawn: "nspawn.pid",
} as const;

/** In a machine's folder: its cgroups, for who cleans up behind a keeper that was killed. */
export const CGROUPS_FILE = "cgroups";

/** The status with which nspawn ends when the system in it has rebooted, for whoever runs it to start it again. */
const REBOOTED = 133;

/**
 * Runs one machine until the signal: boots it, and boots it again when it has rebooted or its power is back. Resolves
 * when nothing of it runs any more.
 */
export async function runMachine(options: MachineOptions): Promise<void> {
  const { name, folder, signal } = options;
  const at = (file: string): string => join(folder, file);
  const unique = `${basename(dirname(dirname(folder)))}-${name}`;
  const cgroups = await nodeCgroups(unique);
  await writeFile(at(CGROUPS_FILE), cgroups.join("\n"));
  await mountDisk(options);
  const note = (text: string): Promise<void> =>
    appendFile(at("boots"), `${new Date(Date.now()).toISOString()} ${text}\n`);
  try {
    while (!signal.aborted) {
      await renewCgroups(cgroups);
      await note("boots");
      const system = bootSystem(options, { unique, cgroups });
      await writeFile(at(SWITCHES.nspawn), String(system.pid));
      const cut = (): void => void cutPower(folder);
      signal.addEventListener("abort", cut, { once: true });
      await system.gone();
      signal.removeEventListener("abort", cut);
      const rebooted = system.exitCode() === REBOOTED;
      await note(rebooted ? "reboots" : "is off");
      if (!rebooted) await writeFile(at(SWITCHES.off), "");
      await rm(at(SWITCHES.nspawn), { force: true }); // Only now may somebody switch it on.
      if (rebooted) await firmware(at(SWITCHES.delay), signal);
      while (existsSync(at(SWITCHES.hold)) || existsSync(at(SWITCHES.off))) await sleep(100, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await removeCgroups(cgroups);
  }
}

async function firmware(file: string, signal: AbortSignal): Promise<void> {
  const seconds = Number(await readFile(file, "utf8").catch(() => "0"));
  await sleep(seconds * 1000, undefined, { signal });
}

async function mountDisk({ folder, system, signal }: MachineOptions): Promise<void> {
  for (const part of ["upper", "work", "root", "containerd", "kubelet"]) {
    await mkdir(join(folder, part), { recursive: true });
  }
  const layers = `lowerdir=${system},upperdir=${join(folder, "upper")},workdir=${join(folder, "work")}`;
  const end = await runToEnd(["mount", "-t", "overlay", "overlay", "-o", layers, join(folder, "root")], { signal });
  if (end.code !== 0) throw new Error(`${folder} could not be mounted: ${end.stderr.trim()}`);
}

/** Kills what runs in a machine; its nspawn ends by itself then, and not the other way round. */
export async function cutPower(folder: string): Promise<void> {
  const init = await initOf(folder);
  if (init !== undefined) process.kill(init, "SIGKILL");
}

/** The process ID, as this side has it, of the machine's own PID 1: the one child of its nspawn. */
export async function initOf(folder: string): Promise<number | undefined> {
  const nspawn = (await readFile(join(folder, SWITCHES.nspawn), "utf8").catch(() => "")).trim();
  const children = await readFile(`/proc/${nspawn}/task/${nspawn}/children`, "utf8").catch(() => "");
  const [init = ""] = children.trim().split(" ");
  return init === "" ? undefined : Number(init);
}

function bootSystem(
  { name, folder, ...options }: MachineOptions,
  { unique, cgroups }: { readonly unique: string; readonly cgroups: readonly string[] },
): Component {
  const moves = cgroups.map((cgroup) => `echo $$ > ${cgroup}/cgroup.procs && `).join("");
  const argv = [
    "systemd-nspawn",
    "--quiet",
    "--boot",
    `--directory=${join(folder, "root")}`,
    `--machine=${unique}`,
    `--hostname=${name}`,
    // With cgroup v1 the machine's cgroups are ours to make; else the machine's own systemd is asked for a scope.
    ...(cgroups.length === 0 ? [] : ["--register=no", "--keep-unit"]),
    "--private-network",
    `--network-bridge=${BRIDGE}`,
    "--resolv-conf=off",
    "--timezone=off",
    "--link-journal=no",
    // runc gives each container a keyring. More rights than nspawn's own are not needed, and so not given: a privileged
    // pod is root on the kernel of the machine that the tests run on.
    "--system-call-filter=keyctl",
    "--bind=/dev/null:/dev/kmsg", // The kubelet looks there for the kernel's killing of processes.
    // An overlay cannot lie on an overlay.
    `--bind=${join(folder, "containerd")}:/var/lib/containerd`,
    `--bind=${join(folder, "kubelet")}:/var/lib/kubelet`,
    `--bind-ro=${options.images}:/images`,
    ...options.programs.map((path) => `--bind-ro=${path}:/usr/local/bin/${path.slice(path.lastIndexOf("/") + 1)}`),
  ];
  const shell = ["sh", "-c", `${moves}exec "$@"`, "sh", ...argv] as const;
  return startComponent(shell, { output: join(folder, "console.log"), signal: new AbortController().signal });
}
