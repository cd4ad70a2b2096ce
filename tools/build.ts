import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { bundle, defines, packageVersion, type Bundle } from "./bundle.ts";
import { billOfMaterials, packagesOf, type Ingredients } from "./sbom.ts";
import { root } from "./source.ts";

// npm run build: dist/kured (a launcher, Node and the bundled source) and dist/kured-bun (the same source and Bun in
// one file), each with its bill of materials. `--node-only` leaves out the second. What has not changed is not built
// again.

const dist = join(root, "dist");
/** Longer than anybody runs what a build has replaced. */
const keptForMs = 3_600_000;

const launcher = `#!/bin/sh
# Runs kured with the Node that it was built and tested with; exec, so that signals and the process ID are kured's.
here=$(dirname "$(readlink -f "$0")")
spare=
# An agent goes without the compiler (src/main.ts) from its very first path on, however long that is.
[ "$1" != agent ] || spare=--no-maglev
exec "$here/node" --v8-pool-size=1 $spare "$here/kured.mjs" "$@"
`;

await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<void> {
  const unknown = argv.filter((argument) => argument !== "--node-only");
  if (unknown.length > 0) throw new Error(`Unknown argument ${unknown.join(" ")}; there is only --node-only`);
  mkdirSync(dist, { recursive: true });
  await unlessBuilt("kured", { from: [process.execPath], build: buildForNode });
  if (!argv.includes("--node-only")) await unlessBuilt("kured-bun", { from: [bunPath()], build: buildWithBun });
}

/** Builds one artefact, or says that it is up to date. The stamp is written last, so a broken build is repeated. */
async function unlessBuilt(
  name: string,
  { from, build }: { readonly from: readonly string[]; readonly build: () => Promise<void> },
): Promise<void> {
  const startedAtMs = performance.now();
  const stamp = join(dist, `.${name}.stamp`);
  const hash = inputHash(from);
  if (existsSync(join(dist, name)) && existsSync(stamp) && readFileSync(stamp, "utf8") === hash) {
    console.log(`dist/${name} is up to date`);
    return;
  }
  await build();
  put(stamp, hash);
  console.log(`dist/${name} built in ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`);
}

async function buildForNode(): Promise<void> {
  const { files, inputs } = await bundle();
  putParts(files);
  putNode(process.execPath);
  putLicences(inputs);
  const runtime = nodePackage();
  putBill({ artefact: "kured", packages: packagesOf(inputs), runtime, insideRuntime: process.versions });
  put(join(dist, "kured"), launcher, { mode: 0o755 });
}

/** What starts comes last; parts that are not of this build stay for a while, for those who started with them. */
function putParts(files: Bundle["files"]): void {
  const folder = join(dist, "lib");
  mkdirSync(folder, { recursive: true });
  for (const [path, text] of [...files].toSorted(([one]) => (one.startsWith("lib/") ? -1 : 1)))
    put(join(dist, path), text);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!files.has(`lib/${name}`) && statSync(path).mtimeMs < Date.now() - keptForMs) rmSync(path);
  }
}

/** A hard link where the file system allows it: the runtime is 140 MB. */
function putNode(binary: string): void {
  const target = join(dist, "node");
  const partial = `${target}.${process.pid}`;
  rmSync(partial, { force: true });
  try {
    linkSync(binary, partial);
  } catch {
    copyFileSync(binary, partial);
  }
  renameSync(partial, target);
  // Renaming one hard link over another of the same file leaves both.
  rmSync(partial, { force: true });
}

/** The licence texts of everything in dist/: the runtime's and each bundled package's. */
function putLicences(inputs: readonly string[]): void {
  const folder = join(dist, "licences");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(root, "LICENSE"), join(folder, "kured.txt"));
  const node = join(dirname(dirname(process.execPath)), "LICENSE");
  if (existsSync(node)) copyFileSync(node, join(folder, "node.txt"));
  for (const name of packagesOf(inputs)) {
    const [licence] = globSync(`node_modules/${name}/{LICENSE,LICENCE,license}*`, { cwd: root });
    if (licence === undefined)
      throw new Error(`The bundled package ${name} has no licence file; it may not be shipped`);
    copyFileSync(join(root, licence), join(folder, `${name.replace("/", "__")}.txt`));
  }
}

/** The bill of materials, beside the artefact. */
function putBill(ingredients: Omit<Ingredients, "version">): void {
  const version = packageVersion();
  put(join(dist, `${ingredients.artefact}.cdx.json`), billOfMaterials({ ...ingredients, version }));
}

/** The package that the Node which runs this build came with. */
function nodePackage(): string {
  const [name] = packagesOf([relative(root, realpathSync(process.execPath))]);
  if (name === undefined) throw new Error(`${process.execPath} is not of node_modules: build with npm run build`);
  return name;
}

async function buildWithBun(): Promise<void> {
  const target = join(dist, "kured-bun");
  const partial = `${target}.${process.pid}`;
  const define = Object.entries(defines()).map(([name, value]) => `--define=${name}=${value}`);
  // The compiled file must not read .env or bunfig.toml from wherever it is started.
  const closed = ["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"];
  const compile = ["build", "--compile", ...closed, ...define, `--outfile=${partial}`, "src/main.ts"];
  execFileSync(bunPath(), compile, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  chmodSync(partial, 0o755);
  renameSync(partial, target);
  // What the other bundler found is what this one finds: both follow the same imports from the same entry.
  const { inputs } = await bundle();
  const [runtime = ""] = packagesOf([relative(root, bunPath())]);
  putBill({ artefact: "kured-bun", packages: packagesOf(inputs), runtime });
}

/** The pinned Bun; throws where it is not published as a package for this machine. */
function bunPath(): string {
  const cpu = process.arch === "arm64" ? "aarch64" : process.arch;
  const path = join(root, `node_modules/@oven/bun-${process.platform}-${cpu}/bin/bun`);
  if (existsSync(path)) return path;
  throw new Error(`No Bun for ${process.platform}-${cpu} in node_modules: run npm ci, or build with --node-only`);
}

/** Changes with every source, the build itself, the pinned versions and the given runtimes. */
function inputHash(runtimes: readonly string[]): string {
  const hash = createHash("sha256");
  const files = globSync(
    ["src/**/*.ts", "tools/{build,bundle,sbom,source}.ts", "package-lock.json", "package.json", "LICENSE"],
    { cwd: root },
  );
  for (const path of files.sort().filter((name) => !name.endsWith(".test.ts"))) {
    hash
      .update(path)
      .update("\0")
      .update(readFileSync(join(root, path)))
      .update("\0");
  }
  for (const path of runtimes) hash.update(`${path} ${statSync(path).size} ${statSync(path).mtimeMs}`);
  return hash.digest("hex");
}

/** Writes beside and renames, so that whoever starts the artefact meanwhile gets the old or the new, never half. */
function put(path: string, text: string, { mode = 0o644 }: { readonly mode?: number } = {}): void {
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, text, { mode });
  renameSync(partial, path);
}
