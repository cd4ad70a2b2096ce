import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { runToEnd } from "../../controlplane/processes.ts";

/** What nodes on this machine stand on: a program, and the Debian package that has it. */
const PACKAGES: Readonly<Record<string, string>> = {
  "systemd-nspawn": "systemd-container",
  debootstrap: "debootstrap",
  ip: "iproute2",
  mount: "mount",
  unshare: "util-linux",
  nsenter: "util-linux",
  setpriv: "util-linux",
};

/**
 * Throws an Error with the remedy where nodes cannot run on this machine: another system than Linux, no root, or one of
 * the programs missing.
 */
export async function demandMachine(): Promise<void> {
  demandRoot();
  const missing = await missingPrograms();
  if (missing.length === 0) return;
  throw new Error(
    `Nodes that really reboot need ${missing.join(", ")}. On Debian and Ubuntu: npm run nodes -- prepare, which installs ` +
      `${packagesOf(missing).join(" ")}; elsewhere, install what has these programs.`,
  );
}

/** Installs what is missing of Debian's packages; that is what `prepare` was asked for. */
export async function installPackages(options: {
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}): Promise<void> {
  demandRoot();
  const missing = await missingPrograms();
  if (missing.length === 0) return;
  const packages = packagesOf(missing);
  if (!(await isOnPath("apt-get"))) await demandMachine();
  options.log(`installing ${packages.join(" ")}`);
  await apt(["update"], options);
  await apt(["install", "--yes", "--no-install-recommends", ...packages], options);
  await demandMachine();
}

function demandRoot(): void {
  if (process.platform !== "linux") {
    throw new Error(`Nodes that really reboot are Linux containers; this is ${process.platform}. Use a Linux machine.`);
  }
  if (process.getuid?.() !== 0) {
    throw new Error("Nodes that really reboot need root, for namespaces, mounts and cgroups: sudo npm run nodes -- …");
  }
}

async function apt(argv: readonly string[], { signal }: { readonly signal: AbortSignal }): Promise<void> {
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const end = await runToEnd(["apt-get", "--quiet", ...argv], { environment, signal });
  if (end.code !== 0) throw new Error(`apt-get ${argv[0]} ended with ${end.code ?? end.killedBy}:\n${end.stderr}`);
}

async function missingPrograms(): Promise<readonly string[]> {
  const found = await Promise.all(Object.keys(PACKAGES).map(async (name) => [name, await isOnPath(name)] as const));
  return found.filter(([, isThere]) => !isThere).map(([name]) => name);
}

function packagesOf(programs: readonly string[]): readonly string[] {
  return [...new Set(programs.map((program) => PACKAGES[program] ?? program))].sort();
}

async function isOnPath(program: string): Promise<boolean> {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  const looks = folders.map((folder) => access(join(folder, program), constants.X_OK).then(() => true));
  return await Promise.any(looks).catch(() => false);
}
