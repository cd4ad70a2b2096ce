import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { withBuildLock } from "../controlplane/programs/buildlock.ts";
import { buildWithGo, goVersion } from "../controlplane/programs/gobuild.ts";
import { KUBERNETES_VERSION, releaseOf } from "../controlplane/programs/versions.ts";
import { runToEnd } from "../controlplane/processes.ts";
import { root } from "../../tools/source.ts";

export interface FindHelmOptions {
  /** Told what is being built and what is waited for. */
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
  /** Where `KURED_HELM`, `PATH`, `XDG_CACHE_HOME` and `HOME` are read; this process's own unless given. */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * The path of a helm: the one that `KURED_HELM` names, else that of our cache, which is built with Go once. Rejects
 * with an Error that names the remedy; what needs a helm never passes without one.
 */
export async function findHelm({ log, signal, environment = process.env }: FindHelmOptions): Promise<string> {
  const given = environment["KURED_HELM"] ?? "";
  if (given !== "") {
    if (await isExecutable(given)) return given;
    throw new Error(`KURED_HELM names ${given}, which is no program. Correct it, or unset it to have helm built.`);
  }
  const path = cachedPath(environment);
  if (await isExecutable(path)) return path;
  const version = await goVersion({ environment, signal });
  if (version === undefined || (version[0] === 1 && version[1] < 26)) {
    throw new Error(
      "There is no helm for the tests of the chart. Install Go 1.26 or newer and run again (it is built once, in about " +
        "two minutes), or name a helm 3 or 4 in KURED_HELM.",
    );
  }
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const waiting = (holder: string): void => log(`waiting for process ${holder}, which builds helm`);
  const build = async (): Promise<void> => {
    if (await isExecutable(path)) return; // Another run has built it meanwhile.
    log("building helm from Go modules, once (about two minutes)");
    await buildWithGo("helm", { path, kubernetes: KUBERNETES_VERSION, environment, signal });
  };
  await withBuildLock(join(folder, "build.lock"), build, { waiting, signal });
  return path;
}

/** How a call of helm ended. */
export interface HelmEnd {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls helm in the project's folder, without any setting of whoever runs the tests. */
export async function runHelm(argv: readonly string[], { signal }: { readonly signal: AbortSignal }): Promise<HelmEnd> {
  const helm = await findHelm({ log: (line) => console.log(line), signal });
  const { PATH, HOME } = process.env;
  // No cluster that somebody happens to be logged in to.
  const environment = { PATH, HOME, ...(argv.includes("--kubeconfig") ? {} : { KUBECONFIG: "/dev/null" }) };
  const end = await runToEnd([helm, ...argv], { folder: root, environment, signal });
  return { code: end.code ?? undefined, stdout: end.stdout, stderr: end.stderr };
}

function cachedPath(environment: NodeJS.ProcessEnv): string {
  const base = environment["XDG_CACHE_HOME"] ?? "";
  const cache = base === "" ? join(environment["HOME"] ?? homedir(), ".cache") : base;
  const { project, version } = releaseOf("helm", { kubernetes: KUBERNETES_VERSION });
  return join(cache, "kured", "helm", `${project}-${version}`, "helm");
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
