import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { before, after, test } from "node:test";
import { mkdtemp, rm, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selfSigned } from "../../sim/apiserver/fronts/certificate.ts";
import { httpsFront } from "../../sim/apiserver/fronts/https.ts";
import type { HttpsFront } from "../../sim/apiserver/fronts/https.ts";
import { countedRandom } from "../../sim/apiserver/fronts/rig.ts";
import { ApiServer } from "../../sim/apiserver/server.ts";
import { adminOf } from "../../sim/cluster/admin.ts";
import { machineClock } from "../../src/host/clock.ts";

// The operator's commands of the built artefact, as a shell starts them: KURED_BIN says which one.

const nodeCount = 1_000;
const kured = process.env["KURED_BIN"] ?? "dist/kured";
let front: HttpsFront;
let home = "";

before(async () => {
  const clock = machineClock();
  const server = new ApiServer({ clock: () => clock.now().wallMs, random: countedRandom() });
  const admin = adminOf(server);
  for (let at = 0; at < nodeCount; at += 1) admin.create("/api/v1/nodes", { metadata: { name: `n${at}` }, spec: {} });
  const tls = selfSigned({ nowMs: clock.now().wallMs });
  front = await httpsFront(server, { tls, clock, authenticate: () => ({ name: "operator" }) });
  home = await mkdtemp(join(tmpdir(), "kured-commands-"));
  await mkdir(join(home, ".kube"));
  await writeFile(join(home, ".kube/config"), kubeconfig({ server: front.url, authority: tls.cert }));
});

after(async () => {
  await front.close();
  await rm(home, { recursive: true, force: true });
});

/** As YAML, because that is what operators have. */
function kubeconfig({ server, authority }: { readonly server: string; readonly authority: string }): string {
  return `
apiVersion: v1
kind: Config
current-context: prod
contexts:
  - { name: prod, context: { cluster: prod, user: me } }
clusters:
  - name: prod
    cluster:
      server: ${server}
      certificate-authority-data: ${Buffer.from(authority).toString("base64")}
users:
  - { name: me, user: { token: t1 } }
`;
}

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...argv: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, HOME: home, KUBECONFIG: "" }, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(kured, argv, options, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

test("a long answer comes through a pipe to its end", async () => {
  const { exitCode, stdout, stderr } = await run("status", "--output=json");
  assert.deepEqual([exitCode, stderr], [0, ""]);
  const { nodes } = JSON.parse(stdout) as { readonly nodes: readonly unknown[] };
  assert.equal(nodes.length, nodeCount);
});

test("a slow reader gets all of it, too", async () => {
  const child = spawn(kured, ["status"], { env: { ...process.env, HOME: home, KUBECONFIG: "" } });
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const names = Buffer.concat(chunks)
    .toString()
    .split("\n")
    .filter((line) => line.startsWith("n"));
  assert.equal(names.length, nodeCount);
});

test("a reader that goes away, as head does, is no reason for a word", async () => {
  const child = spawn(kured, ["status"], { env: { ...process.env, HOME: home, KUBECONFIG: "" } });
  const said: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  await once(child.stdout, "data");
  child.stdout.destroy();
  const ended: readonly unknown[] = await once(child, "close");
  assert.deepEqual([ended, Buffer.concat(said).toString()], [[0, null], ""]);
});

test("explain tells about one node, and of a missing one that it is missing", async () => {
  const one = await run("explain", "n7");
  assert.deepEqual([one.exitCode, one.stderr], [0, ""]);
  assert.match(one.stdout, /^Node +n7: not Ready, schedulable\nState +AgentMissing\n/);
  const none = await run("explain", "nowhere");
  assert.deepEqual([none.exitCode, none.stdout], [1, ""]);
  assert.equal(none.stderr, `kured explain: There is no node "nowhere" at ${front.url}, context "prod"\n`);
});

test("wrong usage ends with 2", async () => {
  for (const argv of [["explain"], ["status", "-o", "yaml"], ["status", "--nonsense"]]) {
    const { exitCode, stdout } = await run(...argv);
    assert.deepEqual([exitCode, stdout], [2, ""], argv.join(" "));
  }
});
