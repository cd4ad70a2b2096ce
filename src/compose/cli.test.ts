import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { selfSigned } from "../../sim/apiserver/fronts/certificate.ts";
import { httpsFront } from "../../sim/apiserver/fronts/https.ts";
import { countedRandom } from "../../sim/apiserver/fronts/rig.ts";
import { ApiServer } from "../../sim/apiserver/server.ts";
import { adminOf } from "../../sim/cluster/admin.ts";
import { testFolder } from "../../test/kube/folder.ts";
import { machineClock } from "../host/clock.ts";
import { run } from "./run.ts";

const clock = machineClock();

/** What a person sees of one command. */
interface Seen {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Operator {
  /** Runs kured with a home that holds the operator's kubeconfig. */
  kured(argv: readonly string[], options?: { readonly columns?: number; readonly signal?: AbortSignal }): Promise<Seen>;
  readonly url: string;
  stopServer(): Promise<void>;
}

/** A cluster with one node behind real HTTPS, and an operator with a kubeconfig for it. */
async function operator(t: TestContext, { token = "t1" }: { readonly token?: string } = {}): Promise<Operator> {
  const server = new ApiServer({ clock: () => clock.now().wallMs, random: countedRandom() });
  adminOf(server).create("/api/v1/nodes", { metadata: { name: "n1" }, spec: {} });
  const tls = selfSigned({ nowMs: clock.now().wallMs });
  const authenticate = (given: string | undefined) => (given === "t1" ? { name: "operator" } : undefined);
  const front = await httpsFront(server, { tls, clock, authenticate });
  let stopped = false;
  const stopServer = async (): Promise<void> => {
    if (!stopped) await front.close();
    stopped = true;
  };
  t.after(stopServer);
  const folder = await testFolder(t);
  const authority = Buffer.from(tls.cert).toString("base64");
  const cluster = { server: front.url, "certificate-authority-data": authority };
  const config = {
    "current-context": "prod",
    contexts: [{ name: "prod", context: { cluster: "prod", user: "me" } }],
    clusters: [{ name: "prod", cluster }],
    users: [{ name: "me", user: { token } }],
  };
  await folder.write(".kube/config", JSON.stringify(config));
  return {
    url: front.url,
    stopServer,
    kured: (argv, options) => seen(argv, { env: { HOME: folder.path }, ...options }),
  };
}

async function seen(
  argv: readonly string[],
  options: {
    readonly env: Readonly<Record<string, string>>;
    readonly columns?: number;
    readonly signal?: AbortSignal;
  },
): Promise<Seen> {
  const { signal = new AbortController().signal, ...rest } = options;
  let [stdout, stderr] = ["", ""];
  const exitCode = await run({
    argv,
    program: "kured",
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
    signal,
    ...rest,
  });
  return { exitCode, stdout, stderr };
}

test("an operator with a kubeconfig sees the fleet, with nothing but the answer on either output", async (t) => {
  const { kured } = await operator(t);
  const fleet = await kured(["status"]);
  assert.deepEqual([fleet.exitCode, fleet.stderr], [0, ""]);
  assert.match(fleet.stdout, /^NODE  STATE         SINCE  NEED  REASON\nn1    AgentMissing  -      -     No live/);
  const node = await kured(["explain", "n1", "--context=prod"]);
  assert.deepEqual([node.exitCode, node.stderr], [0, ""]);
  assert.match(node.stdout, /^Node {11}n1: not Ready, schedulable\n/);
  const json = await kured(["status", "-o", "json"]);
  assert.deepEqual([json.exitCode, json.stderr], [0, ""]);
  assert.doesNotThrow(() => JSON.parse(json.stdout));
});

test("the lines are as long as the terminal is wide", async (t) => {
  const { kured } = await operator(t);
  const { stdout } = await kured(["status"], { columns: 120 });
  assert.ok(Math.max(...stdout.split("\n").map((line) => line.length)) > 80);
});

test("a node that does not exist ends with 1 and a sentence that names the server", async (t) => {
  const { kured, url } = await operator(t);
  assert.deepEqual(await kured(["explain", "n2"]), {
    exitCode: 1,
    stdout: "",
    stderr: `kured explain: There is no node "n2" at ${url}, context "prod"\n`,
  });
});

test("an API server that is not there ends with 1 and says what was tried", async (t) => {
  const { kured, url, stopServer } = await operator(t);
  await stopServer();
  for (const argv of [["status"], ["explain", "n1"]]) {
    const { exitCode, stdout, stderr } = await kured(argv);
    assert.deepEqual([exitCode, stdout], [1, ""]);
    assert.ok(stderr.includes(`from ${url}, context "prod": the API server cannot be reached: `), stderr);
    assert.match(stderr, /ECONNREFUSED[^\n]*\n$/);
  }
});

test("credentials that the API server does not know end with 1 and its own words", async (t) => {
  const { kured } = await operator(t, { token: "old" });
  const { exitCode, stderr } = await kured(["status"]);
  assert.equal(exitCode, 1);
  assert.match(
    stderr,
    /^kured status: The nodes could not be read from .*does not accept our credentials: Unauthorized\n$/,
  );
});

test("without a kubeconfig, or with one that lacks the context, the command ends with 1 and says where it looked", async (t) => {
  const { kured } = await operator(t);
  const other = await kured(["status", "--context=test"]);
  assert.deepEqual([other.exitCode, other.stdout], [1, ""]);
  assert.match(other.stderr, /^kured status: the kubeconfig has no "test" among its contexts.*it has: prod\n$/);
  const none = await seen(["status"], { env: { HOME: "/nowhere" } });
  assert.deepEqual([none.exitCode, none.stdout], [1, ""]);
  assert.match(none.stderr, /^kured status: there is no kubeconfig: .*\/nowhere\/\.kube\/config\n$/);
});

test("in a pod without a kubeconfig the cluster around it is asked", async () => {
  const env = { HOME: "/nowhere", KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: "1" };
  const { exitCode, stderr } = await seen(["status"], { env });
  assert.equal(exitCode, 1);
  assert.match(stderr, /^kured status: unable to load in-cluster configuration: .*serviceaccount/);
});

test("wrong usage ends with 2, the usage and what is wrong", async () => {
  for (const [argv, words] of [
    [["explain"], "the name of a node is missing"],
    [["status", "-o", "yaml"], "invalid output configured yaml, expected text or json"],
    [["status", "--force-reboot"], "unknown flag: --force-reboot"],
  ] as const) {
    const { exitCode, stdout, stderr } = await seen(argv, { env: {} });
    assert.deepEqual([exitCode, stdout], [2, ""]);
    assert.ok(stderr.startsWith(`Usage of kured ${argv[0]}`) && stderr.includes(words), stderr);
  }
});

test("an argument too many is told, and the answer comes all the same", async (t) => {
  const { kured } = await operator(t);
  const { exitCode, stdout, stderr } = await kured(["explain", "n1", "n2"]);
  assert.equal(exitCode, 0);
  assert.match(stdout, /^Node +n1/);
  assert.match(stderr, /^kured explain: n2: An argument belongs to no flag\./);
});

test("a command that is interrupted ends at once with 1", async (t) => {
  const { kured } = await operator(t);
  const stop = new AbortController();
  stop.abort(new Error("SIGINT"));
  const { exitCode, stdout, stderr } = await kured(["status"], { signal: stop.signal });
  assert.deepEqual([exitCode, stdout, stderr], [1, "", "kured status: SIGINT\n"]);
});
