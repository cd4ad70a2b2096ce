import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { withBuildLock } from "./programs/buildlock.ts";
import { buildWithGo, goVersion } from "./programs/gobuild.ts";
import { KUBERNETES_VERSION, PROGRAMS, releaseOf, type Program } from "./programs/versions.ts";

export interface FindOptions {
  /** Told what is being built and what is waited for, one line at a time. */
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
  /** Release of Kubernetes; `KUBERNETES_VERSION` unless given. */
  readonly kubernetes?: string;
  /** What the suite starts; everything unless given. */
  readonly programs?: readonly Program[];
}

/** Where a program came from. */
export type Way =
  /** The folder that `KUBEBUILDER_ASSETS` names, whose version nobody checks. */
  | "assets"
  /** Built by an earlier run. */
  | "cache"
  /** Built by this run. */
  | "built";

export interface ControlPlane {
  readonly paths: Readonly<Record<Program, string>>;
  readonly ways: Readonly<Record<Program, Way>>;
  readonly tookMs: number;
}

/**
 * Finds or makes the programs of a control plane: first in the folder that `KUBEBUILDER_ASSETS` names (what controller-runtime's
 * envtest uses), then in our cache, else by building them with Go into the cache. Rejects with an Error that
 * names what is missing and the remedy; a suite that needs a control plane never passes without one.
 */
export async function findControlPlane(options: FindOptions): Promise<ControlPlane> {
  const startedMs = Date.now();
  const kubernetes = options.kubernetes ?? KUBERNETES_VERSION;
  const wanted = PROGRAMS.filter((program) => options.programs?.includes(program) ?? true);
  const found = new Map<Program, { path: string; way: Way }>();
  for (const program of wanted) {
    const ready = (await inAssets(program)) ?? (await inCache(program, { kubernetes }));
    if (ready !== undefined) found.set(program, ready);
  }
  const missing = wanted.filter((program) => !found.has(program));
  if (missing.length > 0) {
    for (const [program, path] of await buildAll(missing, { ...options, kubernetes })) {
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

async function buildAll(
  missing: readonly Program[],
  { kubernetes, log, signal }: FindOptions & { readonly kubernetes: string },
): Promise<readonly (readonly [Program, string])[]> {
  await demandGo(missing, { signal });
  await mkdir(cacheFolder(), { recursive: true });
  const waiting = (holder: string): void => log(`waiting for process ${holder}, which builds the control plane`);
  return withBuildLock(
    join(cacheFolder(), "build.lock"),
    async () => {
      const built: (readonly [Program, string])[] = [];
      for (const program of missing) {
        const path = cachedPath(program, { kubernetes });
        // Another run may have built it while we waited for the lock.
        if (!(await isExecutable(path))) await buildOne(program, { path, kubernetes, log, signal });
        built.push([program, path]);
      }
      return built;
    },
    { waiting, signal },
  );
}

async function buildOne(
  program: Program,
  options: { readonly path: string; readonly kubernetes: string } & Pick<FindOptions, "log" | "signal">,
): Promise<void> {
  const startedMs = Date.now();
  options.log(`building ${program} from Go modules, once (all programs together: about eight minutes on two cores)`);
  await buildWithGo(program, options);
  options.log(`built ${program} in ${Math.round((Date.now() - startedMs) / 1000)} s: ${options.path}`);
}

async function demandGo(missing: readonly Program[], { signal }: { readonly signal: AbortSignal }): Promise<void> {
  const version = await goVersion({ signal });
  if (version !== undefined && (version[0] > 1 || version[1] >= 26)) return;
  const state = version === undefined ? "there is no go on the PATH" : `go on the PATH is ${version.join(".")}`;
  throw new Error(
    `The control plane for the tests lacks ${missing.join(", ")}, and ${state}. ` +
      "Install Go 1.26 or newer and run again (the programs are built once, about eight minutes on two cores), " +
      `or put ${missing.join(", ")} into one folder and name it in KUBEBUILDER_ASSETS.`,
  );
}

async function inAssets(program: Program): Promise<{ path: string; way: Way } | undefined> {
  const folder = process.env["KUBEBUILDER_ASSETS"];
  if (folder === undefined || folder === "") return undefined;
  const path = join(folder, program);
  return (await isExecutable(path)) ? { path, way: "assets" } : undefined;
}

async function inCache(
  program: Program,
  options: { readonly kubernetes: string },
): Promise<{ path: string; way: Way } | undefined> {
  const path = cachedPath(program, options);
  return (await isExecutable(path)) ? { path, way: "cache" } : undefined;
}

/** One folder per project and release, so that another release of one does not rebuild the others. */
function cachedPath(program: Program, options: { readonly kubernetes: string }): string {
  const { project, version } = releaseOf(program, options);
  return join(cacheFolder(), `${project}-${version}`, program);
}

function cacheFolder(): string {
  const base = process.env["XDG_CACHE_HOME"];
  return join(base !== undefined && base !== "" ? base : join(homedir(), ".cache"), "kured", "controlplane");
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
