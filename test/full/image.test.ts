import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { selfSigned } from "../../sim/apiserver/fronts/certificate.ts";
import { packageVersion } from "../../tools/bundle.ts";
import { root } from "../../tools/source.ts";

// The image of this machine's architecture, run by chroot: what is in it must do without anything of this machine.

const run = promisify(execFile);
const architecture = process.arch === "x64" ? "amd64" : "arm64";
const folder = mkdtempSync(join(tmpdir(), "kured-image-"));
const image = join(folder, "root");
/** As the image's configuration has it. */
const env = { NODE_EXTRA_CA_CERTS: "/etc/ssl/certs/ca-certificates.crt" };

before(async () => {
  await build(root, join(folder, "first"));
  mkdirSync(image);
  await unpack(join(folder, `first/kured.${architecture}.docker.tar`), image);
});

after(() => rmSync(folder, { recursive: true }));

async function build(checkout: string, output: string): Promise<void> {
  // The build ships the Node that it runs on.
  const runtime = join(checkout, relative(root, realpathSync(process.execPath)));
  const node = (...argv: readonly string[]) => run(runtime, argv, { cwd: checkout });
  await node("tools/build.ts", "--node-only");
  await node("tools/image/main.ts", "--newest", "--arch", architecture, "--output", output);
}

async function unpack(archive: string, into: string): Promise<void> {
  const layers = join(folder, "layers");
  mkdirSync(layers);
  await run("tar", ["-xf", archive, "-C", layers]);
  const [manifest] = JSON.parse(readFileSync(join(layers, "manifest.json"), "utf8")) as { Layers: string[] }[];
  for (const layer of manifest?.Layers ?? []) await run("tar", ["-xzf", join(layers, layer), "-C", into]);
}

/** Runs a program of the image and answers what it prints. */
async function inImage(argv: readonly string[], options: readonly string[] = []): Promise<string> {
  const { stdout } = await run("chroot", [...options, image, ...argv], { env: { ...process.env, ...env } });
  return stdout.trim();
}

test("kured runs in its image without a shell, also for a user without rights", async () => {
  assert.equal(await inImage(["/usr/bin/kured", "version"]), packageVersion());
  assert.equal(await inImage(["/usr/bin/kured", "version"], ["--userspec=65532:65532"]), packageVersion());
  assert.deepEqual(readdirSync(join(image, "usr/bin")).sort(), ["kured", "node", "nsenter"]);
});

test("built from another checkout, later, the image has the same digests", async () => {
  const checkout = join(folder, "checkout");
  const listed = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0");
  for (const path of listed.filter((name) => name !== "" && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(checkout, path)), { recursive: true });
    cpSync(join(root, path), join(checkout, path));
  }
  await run("cp", ["-a", "--link", join(root, "node_modules"), join(checkout, "node_modules")]);
  await build(checkout, join(folder, "second"));
  const [one, other] = ["first", "second"].map((name) => readFileSync(join(folder, name, "digests.txt"), "utf8"));
  assert.equal(one, other);
});

test("the image's nsenter enters the host's mount namespace, as the reboot command does", async () => {
  const enter = `mount -t proc proc ${image}/proc && chroot ${image} /usr/bin/nsenter -m/proc/1/ns/mnt -- /bin/sh -c 'echo in'; exit $?`;
  const argv = ["--mount", "--pid", "--fork", "--propagation", "private", "--", "/bin/sh", "-c", enter];
  const { stdout } = await run("unshare", argv);
  assert.equal(stdout, "in\n");
});

test("names are resolved by the hosts file and by the name server of resolv.conf, without libraries for it", async () => {
  const server = createSocket("udp4");
  server.on("message", (question, { port, address }) => server.send(answerTo(question), port, address));
  server.bind(53, "127.0.0.53");
  await once(server, "listening");
  try {
    writeFileSync(join(image, "etc/hosts"), "192.0.2.7 told.example\n");
    writeFileSync(join(image, "etc/resolv.conf"), "nameserver 127.0.0.53\n");
    const look = (name: string) =>
      inImage([
        "/usr/bin/node",
        "-e",
        `require("dns").lookup("${name}", { family: 4 }, (e, a) => console.log(e ?? a))`,
      ]);
    assert.equal(await look("told.example"), "192.0.2.7");
    assert.equal(await look("asked.example"), "192.0.2.9");
  } finally {
    server.close();
  }
});

/** 192.0.2.9, whatever was asked. */
function answerTo(question: Buffer): Buffer {
  const end = question.indexOf(0, 12) + 5;
  const head = Buffer.from([...question.subarray(0, 2), 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
  const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 9]);
  return Buffer.concat([head, question.subarray(12, end), answer]);
}

test("the authorities that an operator mounts count beside the image's own", async () => {
  const { cert, key } = selfSigned({ nowMs: Date.now() });
  const server = createServer({ cert, key }, (_request, response) => response.end("trusted")).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo;
    const script = `require("https").get("https://localhost:${port}", { lookup: (n, o, f) => f(null, [{ address: "127.0.0.1", family: 4 }]) },
      (r) => r.on("data", (d) => console.log(String(d)))).on("error", (e) => console.log(e.code))`;
    const ask = () => inImage(["/usr/bin/node", "-e", script]);
    assert.match(await ask(), /SELF_SIGNED|UNABLE_TO_VERIFY/);
    const authorities = join(image, "etc/ssl/certs/ca-certificates.crt");
    const before = readFileSync(authorities, "utf8");
    assert.ok((before.match(/BEGIN CERTIFICATE/g) ?? []).length > 100);
    writeFileSync(authorities, before + cert);
    assert.equal(await ask(), "trusted");
  } finally {
    server.close();
  }
});

test("--time-zone=Local is the zone of a mounted /etc/localtime, also where others look like it", async () => {
  for (const zone of ["Asia/Shanghai", "America/Sao_Paulo", "Europe/Dublin"]) {
    cpSync(join(image, "usr/share/zoneinfo", zone), join(image, "etc/localtime"), { dereference: true });
    assert.equal(await inImage(["/usr/bin/node", "-p", "Intl.DateTimeFormat().resolvedOptions().timeZone"]), zone);
  }
});
