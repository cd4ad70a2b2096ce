import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { findControlPlane } from "./binaries.ts";
import { withBuildLock } from "./programs/buildlock.ts";
import { KUBERNETES_VERSION } from "./programs/versions.ts";

const { signal } = new AbortController();

test("programs are taken from the assets first, then from the cache of their release", async (t) => {
  const folder = await temporaryFolder(t);
  const assets = join(folder, "assets");
  const kubectl = join(folder, `cache/kured/controlplane/kubernetes-${KUBERNETES_VERSION}/kubectl`);
  for (const path of [join(assets, "etcd"), kubectl]) await writeProgram(path);
  const environment = { PATH: folder, KUBEBUILDER_ASSETS: assets, XDG_CACHE_HOME: join(folder, "cache") };
  const found = await findControlPlane({ log: fail, signal, environment, programs: ["etcd", "kubectl"] });
  assert.deepEqual(found.paths, { etcd: join(assets, "etcd"), kubectl });
  assert.deepEqual(found.ways, { etcd: "assets", kubectl: "cache" });
});

test("published archives are unpacked into the cache, each only with the checksum that was given for it", async (t) => {
  const folder = await temporaryFolder(t);
  await writeProgram(join(folder, "controller-tools/envtest/etcd"));
  await writeProgram(join(folder, "kwok-linux-amd64"));
  await promisify(execFile)("tar", ["-czf", join(folder, "envtest.tar.gz"), "-C", folder, "controller-tools"]);
  const named = async (file: string, sum?: string): Promise<string> => {
    const content = await readFile(join(folder, file));
    return `file://${folder}/${file}#sha256=${sum ?? createHash("sha256").update(content).digest("hex")}`;
  };
  const find = (archives: readonly string[]) => {
    const environment = { PATH: process.env["PATH"], XDG_CACHE_HOME: folder };
    return findControlPlane({
      log: () => undefined,
      signal,
      environment: { ...environment, KURED_CONTROLPLANE_ARCHIVES: archives.join(" ") },
      programs: ["etcd", "kwok"],
    });
  };
  await assert.rejects(find([`file://${folder}/envtest.tar.gz`]), /needs its checksum/);
  await assert.rejects(find([await named("envtest.tar.gz", "0".repeat(64))]), /not 0{64}: not used/);
  const { ways, paths } = await find([await named("envtest.tar.gz"), await named("kwok-linux-amd64")]);
  assert.deepEqual(ways, { etcd: "archive", kwok: "archive" });
  await access(paths.kwok, constants.X_OK);
  assert.deepEqual((await find([])).ways, { etcd: "cache", kwok: "cache" });
});

test("without Go, or with one that is too old, the error names what is missing and the remedy", async (t) => {
  const folder = await temporaryFolder(t);
  const find = (): Promise<unknown> =>
    findControlPlane({
      log: fail,
      signal,
      environment: { PATH: folder, XDG_CACHE_HOME: folder },
      programs: ["kwok", "etcd"],
    });
  await assert.rejects(
    find(),
    /lacks etcd, kwok, and there is no go on the PATH.*Install Go 1\.26.*KUBEBUILDER_ASSETS/,
  );
  await writeProgram(join(folder, "go"), "echo go1.25.3");
  await assert.rejects(find(), /the go on the PATH is 1\.25\. Install Go 1\.26/);
});

test("a build that fails tells what go said and leaves no program behind", async (t) => {
  const folder = await temporaryFolder(t);
  await writeProgram(
    join(folder, "go"),
    'case $1 in env) echo go1.26.8 ;; *) echo "no such module" >&2; exit 1 ;; esac',
  );
  const environment = { PATH: folder, XDG_CACHE_HOME: folder };
  const lines: string[] = [];
  const found = findControlPlane({ log: (line) => lines.push(line), signal, environment, programs: ["etcd"] });
  await assert.rejects(found, /go build ended with 1:\nno such module/);
  assert.match(lines.join("\n"), /^building etcd from Go modules/);
  await assert.rejects(readFile(join(folder, "kured/controlplane/etcd-v3.6.9/etcd")), /ENOENT/);
  await assert.rejects(readFile(join(folder, "kured/controlplane/build.lock")), /ENOENT/);
});

test("two runs do not build at once, and the lock of a run that was killed is taken over", async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, "build.lock");
  await writeFile(path, "999999999"); // Above every process ID that Linux hands out.
  let working = 0;
  const work = async (): Promise<number> => {
    working += 1;
    assert.equal(working, 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    working -= 1;
    return 7;
  };
  const waits: string[] = [];
  const options = { waiting: (holder: string) => waits.push(holder), signal };
  assert.deepEqual(await Promise.all([withBuildLock(path, work, options), withBuildLock(path, work, options)]), [7, 7]);
  assert.deepEqual(waits, [String(process.pid)]);
});

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kured-binaries-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

async function writeProgram(path: string, script = ""): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

function fail(line: string): never {
  throw new Error(`Nothing was to be built: ${line}`);
}
