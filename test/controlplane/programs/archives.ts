import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, copyFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { PROGRAMS, type Program } from "./versions.ts";

export interface ArchiveOptions {
  /** Words of `KURED_CONTROLPLANE_ARCHIVES`: `https://…/envtest.tar.gz#sha512=…`, or `file:` instead of `https:`. */
  readonly archives: readonly string[];
  readonly wanted: readonly Program[];
  /** Where a program is to be put; its folder exists. */
  readonly place: (program: Program) => string;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Fetches published archives and takes from each the programs that are wanted; answers which were there. An archive is
 * a tar with the programs anywhere in it, or one program whose file name begins with its name (`kwok-linux-amd64`).
 * Rejects where an address has no checksum, or another one than what came.
 */
export async function unpackArchives(options: ArchiveOptions): Promise<ReadonlySet<Program>> {
  const found = new Set<Program>();
  for (const archive of options.archives) {
    if (options.wanted.every((program) => found.has(program))) break;
    options.log(`fetching ${archive.replace(/#.*/, "")}`);
    for (const program of await unpackOne(archive, options)) found.add(program);
  }
  return found;
}

async function unpackOne(archive: string, options: ArchiveOptions): Promise<readonly Program[]> {
  const content = await fetchVerified(archive, options);
  const folder = await mkdtemp(join(dirname(options.place(options.wanted[0] ?? "etcd")), "unpack-"));
  try {
    const file = join(folder, basename(new URL(archive).pathname));
    await writeFile(file, content);
    if (/\.(tar\.gz|tgz|tar)$/.test(file))
      await promisify(execFile)("tar", ["-xf", file, "-C", folder], { signal: options.signal });
    const taken: Program[] = [];
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const program = entry.isFile() ? programOf(entry.name) : undefined;
      if (program === undefined || !options.wanted.includes(program)) continue;
      await install(join(entry.parentPath, entry.name), options.place(program));
      taken.push(program);
    }
    return taken;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A program appears whole or not at all, whenever a run is interrupted. */
async function install(from: string, to: string): Promise<void> {
  await copyFile(from, `${to}.new`);
  await chmod(`${to}.new`, 0o755);
  await rename(`${to}.new`, to);
}

/** Longer names first: `kube-apiserver` is no `kube`. */
function programOf(name: string): Program | undefined {
  return PROGRAMS.find((program) => name === program || name.startsWith(`${program}-linux-`));
}

async function fetchVerified(archive: string, { signal }: ArchiveOptions): Promise<Buffer> {
  const url = new URL(archive);
  const [, algorithm, expected] = /^#(sha256|sha512)=([0-9a-f]{64,128})$/.exec(url.hash) ?? [];
  if (algorithm === undefined || expected === undefined)
    throw new Error(`${archive} in KURED_CONTROLPLANE_ARCHIVES needs its checksum: append #sha256=… or #sha512=…`);
  url.hash = "";
  const content = url.protocol === "file:" ? await readFile(url) : await download(url, signal);
  const actual = createHash(algorithm).update(content).digest("hex");
  if (actual !== expected) throw new Error(`${url.href} has the ${algorithm} ${actual}, not ${expected}: not used`);
  return content;
}

async function download(url: URL, signal: AbortSignal): Promise<Buffer> {
  const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(10 * 60_000)]) });
  if (!answer.ok) throw new Error(`${url.href} could not be had: ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}
