import { createHash } from "node:crypto";
import { access, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheOf } from "../../controlplane/binaries.ts";
import { withBuildLock } from "../../controlplane/programs/buildlock.ts";
import { runToEnd } from "../../controlplane/processes.ts";

const RELEASE = "bookworm";

/** A node's own system: init and login manager, what the kubelet and containerd call, and what people type. */
const PACKAGES = [
  "systemd",
  "systemd-sysv",
  "dbus",
  "runc",
  "containernetworking-plugins",
  "iptables",
  "iproute2",
  "mount",
  "util-linux",
  "ca-certificates",
  "procps",
  "kmod",
];

/**
 * The root file system that all nodes have in common, from Debian's archive as this machine's apt is set up with it;
 * made once, in our cache (450 MB, about a minute). Rejects with what debootstrap said.
 */
export async function findSystem({
  log,
  signal,
}: {
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}): Promise<string> {
  const cache = join(cacheOf(process.env), "nodes");
  const recipe = createHash("sha256").update(PACKAGES.join()).digest("hex").slice(0, 8);
  const path = join(cache, `${RELEASE}-${recipe}`);
  const isThere = (): Promise<boolean> =>
    access(path).then(
      () => true,
      () => false,
    );
  if (await isThere()) return path;
  await mkdir(cache, { recursive: true });
  const waiting = (holder: string): void => log(`waiting for process ${holder}, which makes the nodes' system`);
  const make = async (): Promise<void> => {
    if (await isThere()) return;
    log("making the nodes' system with debootstrap, once (about a minute)");
    const unfinished = `${path}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    const argv = ["debootstrap", "--variant=minbase", `--include=${PACKAGES.join()}`, RELEASE, unfinished] as const;
    const end = await runToEnd(argv, { signal });
    if (end.code !== 0)
      throw new Error(`debootstrap ended with ${end.code}:\n${await lastWords(unfinished, end.stdout)}`);
    await rm(join(unfinished, "var/cache/apt/archives"), { recursive: true, force: true });
    await rename(unfinished, path);
  };
  await withBuildLock(join(cache, "build.lock"), make, { waiting, signal });
  return path;
}

async function lastWords(folder: string, said: string): Promise<string> {
  const log = await readFile(join(folder, "debootstrap/debootstrap.log"), "utf8").catch(() => "");
  return `${said}\n${log}`.trimEnd().split("\n").slice(-15).join("\n");
}
