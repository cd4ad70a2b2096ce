import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { unpackArchives } from "./programs/archives.ts";
import { withBuildLock } from "./programs/buildlock.ts";
import { buildWithGo, goVersion } from "./programs/gobuild.ts";
import { KUBERNETES_VERSION, PROGRAMS, releaseOf, type BuiltProgram, type Program } from "./programs/versions.ts";

export interface FindOptions {
  /** Told what is being built and what is waited for, one line at a time. */
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
  /** Release of Kubernetes; `KUBERNETES_VERSION` unless given. */
  readonly kubernetes?: string;
  /** What the suite starts; everything unless given. */
  readonly programs?: readonly Program[];
  /** Where `PATH`, `KUBEBUILDER_ASSETS`, `XDG_CACHE_HOME` and `HOME` are read; this process's own unless given. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** Where a program came from. */
export type Way =
  /** The folder that `KUBEBUILDER_ASSETS` names, whose version nobody checks. */
  | "assets"
  /** Built by an earlier run. */
  | "cache"
  /** Taken by this run from an archive that `KURED_CONTROLPLANE_ARCHIVES` names. */
  | "archive"
  /** Built by this run. */
  | "built";

export interface ControlPlane {
  readonly paths: Readonly<Record<Program, string>>;
  readonly ways: Readonly<Record<Program, Way>>;
  readonly tookMs: number;
}

/**
 * Finds or makes the programs of a control plane: first in the folder that `KUBEBUILDER_ASSETS` names (what
 * controller-runtime's envtest uses), then in our cache, then in the archives that `KURED_CONTROLPLANE_ARCHIVES` names,
 * else by building them with Go into the cache. Rejects with an Error that names what is missing and the remedy; a
 * suite that needs a control plane never passes without one.
 */
export async function findControlPlane(options: FindOptions): Promise<ControlPlane> {
  const startedMs = Date.now();
  const environment = options.environment ?? process.env;
  const place: Place = { environment, kubernetes: options.kubernetes ?? KUBERNETES_VERSION };
  const wanted = PROGRAMS.filter((program) => options.programs?.includes(program) ?? true);
  const found = new Map<Program, { path: string; way: Way }>();
  for (const program of wanted) {
    const ready = (await inAssets(program, place)) ?? (await inCache(program, place));
    if (ready !== undefined) found.set(program, ready);
  }
  const missing = wanted.filter((program) => !found.has(program));
  const unpacked = await unpackAll(missing, { ...options, ...place });
  for (const program of unpacked) found.set(program, { path: cachedPath(program, place), way: "archive" });
  const left = missing.filter((program) => !unpacked.has(program));
  if (left.length > 0) {
    for (const [program, path] of await buildAll(left, { ...options, ...place })) {
      found.set(program, { path, way: "built" });
    }
  }
  const entries = [...found];
  return {
    paths: Object.fromEntries(entries.map(([program, { path }]) => [program, path])) as Record<Program, string>,
    ways: Object.fromEntries(entries.map(([program, { way }]) => [program, way])) as Record<Program, Way>,
    tookMs: Date.now() - startedMs,
  };
}

/**
 * Paths of programs from our cache, built with Go into it where they are missing: what no published archive has
 * together. Rejects like `findControlPlane`.
 */
export async function findBuilt<P extends BuiltProgram>(
  wanted: readonly P[],
  { log, signal, environment = process.env }: FindOptions,
): Promise<Readonly<Record<P, string>>> {
  const place: Place = { environment, kubernetes: KUBERNETES_VERSION };
  const missing: P[] = [];
  for (const program of wanted) if (!(await isExecutable(cachedPath(program, place)))) missing.push(program);
  if (missing.length > 0) await buildAll(missing, { log, signal, ...place });
  return Object.fromEntries(wanted.map((program) => [program, cachedPath(program, place)])) as Record<P, string>;
}

/** What decides where a program is looked for. */
interface Place {
  readonly environment: NodeJS.ProcessEnv;
  readonly kubernetes: string;
}

async function unpackAll(
  wanted: readonly Program[],
  { log, signal, ...place }: Pick<FindOptions, "log" | "signal"> & Place,
): Promise<ReadonlySet<Program>> {
  const archives = (place.environment["KURED_CONTROLPLANE_ARCHIVES"] ?? "").split(/\s+/).filter((word) => word !== "");
  if (wanted.length === 0 || archives.length === 0) return new Set();
  for (const program of wanted) await mkdir(dirname(cachedPath(program, place)), { recursive: true });
  return await unpackArchives({ archives, wanted, place: (program) => cachedPath(program, place), log, signal });
}

async function buildAll<P extends BuiltProgram>(
  missing: readonly P[],
  { log, signal, ...place }: Pick<FindOptions, "log" | "signal"> & Place,
): Promise<readonly (readonly [P, string])[]> {
  await demandGo(missing, { environment: place.environment, signal });
  const cache = cacheFolder(place);
  await mkdir(cache, { recursive: true });
  const waiting = (holder: string): void => log(`waiting for process ${holder}, which builds the control plane`);
  const work = async (): Promise<readonly (readonly [P, string])[]> => {
    const built: (readonly [P, string])[] = [];
    for (const program of missing) {
      const path = cachedPath(program, place);
      // Another run may have built it while we waited for the lock.
      if (!(await isExecutable(path))) await buildOne(program, { path, log, signal, ...place });
      built.push([program, path]);
    }
    return built;
  };
  return withBuildLock(join(cache, "build.lock"), work, { waiting, signal });
}

async function buildOne(
  program: BuiltProgram,
  options: { readonly path: string } & Pick<FindOptions, "log" | "signal"> & Place,
): Promise<void> {
  const startedMs = Date.now();
  options.log(`building ${program} from Go modules, once (all programs together: about nine minutes on two cores)`);
  await buildWithGo(program, options);
  options.log(`built ${program} in ${Math.round((Date.now() - startedMs) / 1000)} s: ${options.path}`);
}

async function demandGo(
  missing: readonly BuiltProgram[],
  options: { readonly environment: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<void> {
  const version = await goVersion(options);
  if (version !== undefined && (version[0] > 1 || version[1] >= 26)) return;
  const state = version === undefined ? "there is no go on the PATH" : `the go on the PATH is ${version.join(".")}`;
  throw new Error(
    `The control plane for the tests lacks ${missing.join(", ")}, and ${state}. ` +
      "Install Go 1.26 or newer and run again (the programs are built once, about nine minutes on two cores), " +
      "or put the programs into one folder and name it in KUBEBUILDER_ASSETS, " +
      "or name published archives with their checksums in KURED_CONTROLPLANE_ARCHIVES.",
  );
}

async function inAssets(program: Program, { environment }: Place): Promise<{ path: string; way: Way } | undefined> {
  const folder = environment["KUBEBUILDER_ASSETS"];
  if (folder === undefined || folder === "") return undefined;
  const path = join(folder, program);
  return (await isExecutable(path)) ? { path, way: "assets" } : undefined;
}

async function inCache(program: Program, place: Place): Promise<{ path: string; way: Way } | undefined> {
  const path = cachedPath(program, place);
  return (await isExecutable(path)) ? { path, way: "cache" } : undefined;
}

/** One folder per project and release, so that another release of one does not rebuild the others. */
function cachedPath(program: BuiltProgram, place: Place): string {
  const { project, version } = releaseOf(program, place);
  return join(cacheFolder(place), `${project}-${version}`, program);
}

function cacheFolder({ environment }: Place): string {
  return join(cacheOf(environment), "controlplane");
}

/** The folder in which all that the tests build once is kept, one folder below for each kind. */
export function cacheOf(environment: NodeJS.ProcessEnv): string {
  const base = environment["XDG_CACHE_HOME"] ?? "";
  return join(base === "" ? join(environment["HOME"] ?? homedir(), ".cache") : base, "kured");
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
