import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { runToEnd } from "../processes.ts";
import { releaseOf, type BuiltProgram, type Release } from "./versions.ts";

export interface GoBuildOptions {
  /** The program's final path; its folder is made. */
  readonly path: string;
  /** Release of Kubernetes, `v1.37.1`. */
  readonly kubernetes: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/**
 * Builds one program from Go modules with the `go` on the PATH and its own settings for where modules come from.
 * The result appears at `path` in one step, so that an interrupted build leaves nothing that looks finished.
 * Rejects with an Error that ends with what `go` said.
 */
export async function buildWithGo(
  program: BuiltProgram,
  { path, kubernetes, environment, signal }: GoBuildOptions,
): Promise<void> {
  const { project, version } = releaseOf(program, { kubernetes });
  const folder = join(dirname(path), ".module");
  await mkdir(folder, { recursive: true });
  const recipe = RECIPES[project];
  const setting: GoSetting = { folder, environment, signal };
  await recipe.prepare(version, setting);
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    const tags = (recipe.tags ?? []).join(",");
    const flags = ["-trimpath", "-tags", tags, "-ldflags", recipe.ldflags(version)];
    await go(["build", ...flags, "-o", unfinished, recipe.source(program)], setting);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** The version of `go` on the PATH as [major, minor], or `undefined` when there is none. */
export async function goVersion(options: {
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}): Promise<readonly [number, number] | undefined> {
  const end = await runToEnd(["go", "env", "GOVERSION"], options).catch(() => undefined);
  const match = /^go(\d+)\.(\d+)/.exec(end?.stdout.trim() ?? "");
  return end?.code === 0 && match !== null ? [Number(match[1]), Number(match[2])] : undefined;
}

interface Recipe {
  prepare(version: string, setting: GoSetting): Promise<void>;
  readonly tags?: readonly string[];
  ldflags(version: string): string;
  source(program: BuiltProgram): string;
}

const RECIPES: Readonly<Record<Release["project"], Recipe>> = {
  etcd: {
    // The released command is not a module of its own, but it is this one call.
    prepare: (version, { folder }) =>
      writeModule(folder, {
        "go.mod": "module controlplane\n\ngo 1.26\n\nrequire go.etcd.io/etcd/server/v3 " + version + "\n",
        "main.go": [
          "package main",
          'import ("os"; "go.etcd.io/etcd/server/v3/etcdmain")',
          "func main() { etcdmain.Main(os.Args) }",
          "",
        ].join("\n"),
      }),
    ldflags: () => "-s -w",
    source: () => ".",
  },
  kwok: {
    prepare: (version, { folder }) =>
      writeModule(folder, {
        "go.mod": "module controlplane\n\ngo 1.26\n\nrequire sigs.k8s.io/kwok " + version + "\n",
      }),
    ldflags: () => "-s -w",
    source: () => "sigs.k8s.io/kwok/cmd/kwok",
  },
  helm: {
    prepare: (version, { folder }) =>
      writeModule(folder, {
        "go.mod": "module controlplane\n\ngo 1.26\n\nrequire helm.sh/helm/v4 " + version + "\n",
      }),
    ldflags: (version) => `-s -w -X helm.sh/helm/v4/internal/version.version=${version}`,
    source: () => "helm.sh/helm/v4/cmd/helm",
  },
  containerd: {
    prepare: (version, { folder }) =>
      writeModule(folder, {
        "go.mod": "module controlplane\n\ngo 1.26\n\nrequire github.com/containerd/containerd/v2 " + version + "\n",
      }),
    // Snapshotters that need C libraries or that nobody here uses.
    tags: ["no_btrfs", "no_zfs", "no_devmapper", "no_aufs"],
    ldflags: (version) => `-s -w -X github.com/containerd/containerd/v2/version.Version=${version}`,
    source: (program) => `github.com/containerd/containerd/v2/cmd/${program}`,
  },
  kubernetes: {
    prepare: writeKubernetesModule,
    ldflags: (version) => {
      const [major = "", minor = ""] = version.slice(1).split(".");
      const values = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
      const packages = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"];
      const settings = packages.flatMap((name) =>
        Object.entries(values).map(([key, value]) => `-X ${name}.${key}=${value}`),
      );
      return ["-s", "-w", ...settings].join(" ");
    },
    source: (program) => `k8s.io/kubernetes/cmd/${program}`,
  },
};

/**
 * `k8s.io/kubernetes` cannot be installed by name, because its module file points its libraries at local folders.
 * A module that requires it, and each library at the version that was released with it, can be built from.
 */
async function writeKubernetesModule(version: string, setting: GoSetting): Promise<void> {
  const { folder } = setting;
  await writeModule(folder, { "go.mod": "module controlplane\n\ngo 1.26\n" });
  const said = await go(["mod", "download", "-json", `k8s.io/kubernetes@${version}`], setting);
  const { GoMod, Dir } = JSON.parse(said) as { GoMod: string; Dir: string };
  const libraries = version.replace(/^v1\./, "v0.");
  const released = (await readFile(GoMod, "utf8"))
    .replace(/^module .*$/m, "module controlplane")
    .replace(/^replace \([^)]*\)$/gm, "")
    .replace(/^replace .*$/gm, "")
    .replace(/^(\s+k8s\.io\/\S+) v0\.0\.0$/gm, `$1 ${libraries}`);
  await writeModule(folder, {
    "go.mod": `${released}\nrequire k8s.io/kubernetes ${version}\n`,
    "go.sum": await readFile(join(Dir, "go.sum"), "utf8"),
  });
}

async function writeModule(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

/** Where and how `go` is called. */
interface GoSetting {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

async function go(args: readonly string[], { folder, environment, signal }: GoSetting): Promise<string> {
  const ours = { ...environment, CGO_ENABLED: "0", GOFLAGS: "-mod=mod -buildvcs=false", GOWORK: "off" };
  const end = await runToEnd(["go", ...args], { folder, environment: ours, signal });
  if (end.code === 0) return end.stdout;
  throw new Error(`go ${args[0]} ended with ${end.code ?? end.killedBy}:\n${end.stderr.slice(-4000)}`);
}
