import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runToEnd } from "../../controlplane/processes.ts";
import { writeTar } from "../../../tools/image/tar.ts";

/** The image of the tests' pods, and of every pod's sandbox. */
export const WORKLOAD_IMAGE = "localhost/workload:1";

/** Builds `test/nodes/workload` and writes its image as a docker archive to `path`. */
export async function writeWorkloadImage(path: string, { signal }: { readonly signal: AbortSignal }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "kured-workload-"));
  try {
    const program = join(folder, "workload");
    const source = join(import.meta.dirname, "../workload/main.go");
    const environment = { ...process.env, CGO_ENABLED: "0", GOWORK: "off" };
    const end = await runToEnd(["go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, source], {
      environment,
      signal,
    });
    if (end.code !== 0) throw new Error(`The tests' workload could not be built:\n${end.stderr}`);
    await writeFile(path, dockerArchive(await readFile(program)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What `docker save` writes, with one layer that holds one program. */
function dockerArchive(program: Buffer): Buffer {
  const layer = writeTar([{ kind: "file", path: "workload", content: program, mode: 0o755 }]);
  const digest = createHash("sha256").update(layer).digest("hex");
  const config = {
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: { Entrypoint: ["/workload"] },
    rootfs: { type: "layers", diff_ids: [`sha256:${digest}`] },
  };
  const manifest = [{ Config: "config.json", RepoTags: [WORKLOAD_IMAGE], Layers: ["layer.tar"] }];
  return writeTar([
    { kind: "file", path: "manifest.json", content: Buffer.from(JSON.stringify(manifest)) },
    { kind: "file", path: "config.json", content: Buffer.from(JSON.stringify(config)) },
    { kind: "file", path: "layer.tar", content: layer },
  ]);
}
