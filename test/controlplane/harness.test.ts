import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { RequestRefused } from "./client.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { startDaemon } from "./daemon.ts";
import { startHost, type SimulatedHost } from "./host.ts";
import { kuredInstallation } from "./kured.ts";
import { deployment, disruptionBudget, fakeNode, type NodeObject } from "./objects.ts";
import type { KubeObject } from "./resources.ts";
import { NOT_JSON, statusAnswer } from "./proxy/faults.ts";
import { startProxy } from "./proxy.ts";
import { agentPod, agentToken, createAll, createNodes, setNodeReady, waitFor, waitForPods } from "./waits.ts";

const ending = new AbortController();
const { signal } = ending;
let cluster: Cluster;

before(async () => {
  cluster = await startCluster({ signal, log: (line) => console.log(line) });
  await createNodes(cluster.admin, [fakeNode({ name: "n1" }), fakeNode({ name: "n2", zone: "zone-b" })], { signal });
  await createAll(cluster.admin, kuredInstallation());
});

after(async () => {
  await cluster?.stop();
  ending.abort(new Error("The suite is over"));
});

const nodeRef = (name: string): { kind: string; metadata: { name: string } } => ({ kind: "Node", metadata: { name } });
const readNode = (name: string): Promise<NodeObject> => cluster.admin.get<NodeObject>(nodeRef(name));

test("the control plane is up within twenty seconds once its programs are there", () => {
  assert.ok(cluster.tookMs < 20_000, `it took ${cluster.tookMs} ms`);
});

test("pods of a Deployment run on fake nodes, and a budget refuses the second eviction", async () => {
  const { admin } = cluster;
  await createAll(admin, [deployment({ spread: true }), disruptionBudget({ minAvailable: 1 })]);
  const pods = await waitForPods(admin, { labelSelector: "app=web", count: 2, signal });
  assert.deepEqual(new Set(pods.map(({ spec }) => spec.nodeName)), new Set(["n1", "n2"]));
  await waitFor(
    "the budget to allow one",
    async () => {
      const budget = await admin.get<ReturnType<typeof disruptionBudget>>(disruptionBudget());
      return budget.status?.["disruptionsAllowed"] === 1;
    },
    { signal },
  );
  for (const name of ["n1", "n2"]) await admin.patch(nodeRef(name), { spec: { unschedulable: true } });
  const answers = [];
  for (const { metadata } of pods) {
    const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: metadata.name, namespace: "default" } };
    answers.push(await admin.send("POST", `/api/v1/namespaces/default/pods/${metadata.name}/eviction`, { body }));
  }
  assert.deepEqual(
    answers.map(({ status }) => status),
    [201, 429],
  );
  for (const name of ["n1", "n2"]) await admin.patch(nodeRef(name), { spec: { unschedulable: null } });
});

test("a token of the agent's pod names its node, and has kured's rights and no more", async () => {
  const token = await agentToken(cluster.admin, { node: "n2", signal });
  const pod = await agentPod(cluster.admin, { node: "n2", signal });
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())["kubernetes.io"];
  assert.equal(claims.node.name, "n2");
  assert.equal(claims.pod.name, pod.metadata.name);

  const client = cluster.clientFor({ token, userAgent: "kured/self-test" });
  await client.patch(nodeRef("n2"), { metadata: { annotations: { "example.com/mine": "yes" } } });
  await assert.rejects(
    client.list({ kind: "Node" }),
    (error) => error instanceof RequestRefused && error.status === 403,
  );
  client.close();

  const entries = await cluster.auditEntries({ userAgentPrefix: "kured/" });
  assert.deepEqual(
    entries.map(({ verb, code, object, user }) => [verb, object.resource, object.name, code, user]),
    [
      ["patch", "nodes", "n2", 200, "system:serviceaccount:kube-system:kured"],
      ["list", "nodes", undefined, 403, "system:serviceaccount:kube-system:kured"],
    ],
  );
});

test("a node can be NotReady and come back", async () => {
  await setNodeReady(cluster.admin, { node: "n1", ready: false, signal });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const ready = (node: NodeObject): string | undefined =>
    node.status?.conditions?.find(({ type }) => type === "Ready")?.status;
  assert.equal(ready(await readNode("n1")), "False", "nobody makes it Ready behind the test's back");
  await setNodeReady(cluster.admin, { node: "n1", ready: true, signal });
});

test("the API server comes back with its data after it was killed", async () => {
  await cluster.killApiServer();
  await assert.rejects(readNode("n1"));
  await cluster.startApiServer();
  assert.equal((await readNode("n1")).metadata.name, "n1");
});

test("the proxy counts writes, holds one on either side of the API server, and drops it", async () => {
  const proxy = await startProxy({ cluster });
  const client = cluster.clientFor({
    token: await agentToken(cluster.admin, { node: "n1", signal }),
    server: proxy.server,
  });
  const annotate = (value: string): Promise<unknown> =>
    client.patch(nodeRef("n1"), { metadata: { annotations: { "example.com/write": value } } });
  const written = async (): Promise<string | undefined> =>
    (await readNode("n1")).metadata.annotations?.["example.com/write"];
  try {
    await annotate("first");
    await client.get(nodeRef("n1"));
    assert.equal(proxy.writes(), 1);

    const before = proxy.holdWrite(2, "before");
    const second = assert.rejects(annotate("second"), /hang up|ECONNRESET/);
    (await before).drop();
    await second;
    assert.equal(await written(), "first");

    const after = proxy.holdWrite(3, "after");
    const third = assert.rejects(annotate("third"), /hang up|ECONNRESET/);
    const held = await after;
    assert.equal(await written(), "third");
    held.drop();
    await third;

    const released = proxy.holdWrite(4, "before");
    const fourth = annotate("fourth");
    (await released).release();
    await fourth;
    assert.equal(await written(), "fourth");
    assert.deepEqual(
      proxy.requests().map(({ method, status, write }) => [method, status, write]),
      [
        ["PATCH", 200, 1],
        ["GET", 200, undefined],
        ["PATCH", undefined, 2],
        ["PATCH", undefined, 3],
        ["PATCH", 200, 4],
      ],
    );
  } finally {
    client.close();
    await proxy.stop();
  }
});

test("the proxy cuts answers, answers by itself, ends watches and goes away", async () => {
  const proxy = await startProxy({ cluster });
  const client = cluster.clientFor({
    token: await agentToken(cluster.admin, { node: "n1", signal }),
    server: proxy.server,
  });
  const get = (): Promise<unknown> => client.get(nodeRef("n1"));
  try {
    proxy.cutOnce(({ method }) => method === "GET");
    await assert.rejects(get(), /aborted|hang up|ECONNRESET/);
    await get();
    proxy.answerOnce(
      ({ path }) => path.startsWith("/api/v1/nodes"),
      statusAnswer(429, "TooManyRequests", { retryAfterSeconds: 1 }),
    );
    await assert.rejects(get(), (error) => error instanceof RequestRefused && error.status === 429);
    proxy.answerOnce(() => true, NOT_JSON);
    await assert.rejects(get(), SyntaxError);
    proxy.plan({ matches: () => true, fault: { kind: "delay", delayMs: 200 } });
    const startedMs = Date.now();
    await get();
    assert.ok(Date.now() - startedMs >= 190);

    await createAll(cluster.admin, mightyAccount("mighty"));
    const mighty = await cluster.admin.requestToken({ namespace: "default", serviceAccount: "mighty" });
    const admin = cluster.clientFor({ token: mighty, server: proxy.server });
    for (const how of ["cleanly", "broken"] as const) {
      const watch = admin.send("GET", "/api/v1/nodes?watch=true").then(
        () => "ended",
        () => "broke",
      );
      await waitFor(
        "the watch to be open",
        () => Promise.resolve(proxy.requests().at(-1)?.status === 200 && proxy.requests().at(-1)?.isWatch),
        { signal },
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
      proxy.closeWatches(how);
      assert.equal(await watch, how === "cleanly" ? "ended" : "broke");
    }
    admin.close();
    proxy.setReachable(false);
    await assert.rejects(get());
    proxy.setReachable(true);
    await get();
  } finally {
    client.close();
    await proxy.stop();
  }
});

test("a daemon lives on a host that can reboot: killed, started again, rebooted, given another token", async () => {
  const host = await startHost({ node: "n2", admin: cluster.admin, signal });
  const token = await agentToken(cluster.admin, { node: "n2", signal });
  const daemon = await startDaemon({
    host,
    cluster,
    program: await standIn(host),
    args: ["one", "two"],
    token,
    signal,
  });
  try {
    const first = await daemon.waitForLine(/^hello one two from n2/);
    assert.equal(first.stream, "stdout");
    await daemon.waitForLine(/^init is another's: yes, its secrets are empty: yes$/);
    await daemon.waitForLine(new RegExp(`^boot ${await host.bootId()} ${await host.bootId()}$`));
    await daemon.waitForLine(/^token of [0-9]+, ca CERTIFICATE, namespace kube-system$/);
    await daemon.waitForLine(/^system running$/);

    daemon.kill("SIGKILL");
    assert.deepEqual(await daemon.exited(), { run: 1, signal: "SIGKILL" });
    assert.equal(host.boots(), 1, "the host outlives its daemon");
    await daemon.start();
    const mark = daemon.lines().length;
    await daemon.writeToken("rotated");
    await daemon.waitForLine(/^token of 7,/, { after: mark });

    await host.requireReboot();
    await daemon.waitForLine(/^sentinel is there$/);
    await host.untilBooted(2);
    assert.deepEqual(
      (await host.reboots()).map(({ what }) => what),
      ["now please"],
    );
    assert.equal(daemon.runs(), 3);
    await daemon.waitForLine(/^system stopping$/);
    await daemon.waitForLine(new RegExp(`^boot ${await host.bootId()} ${await host.bootId()}$`));
    assert.equal((await readNode("n2")).status?.nodeInfo?.["bootID"], await host.bootId());

    const off = host.cutPower();
    assert.equal(host.initPid(), undefined, "nothing may be started on a machine that goes down");
    await off;
  } finally {
    await daemon.stop();
    await host.stop();
  }
});

test("a reboot command can fail, hang or do nothing; the reboot signal works as the command does", async () => {
  const host = await startHost({ node: "n2", admin: cluster.admin, reboot: { kind: "fails", exitCode: 3 }, signal });
  const token = await agentToken(cluster.admin, { node: "n2", signal });
  const environment = { STAND_IN_REBOOTS: "once" };
  const daemon = await startDaemon({
    host,
    cluster,
    program: await standIn(host),
    environment,
    token,
    restartAfterMs: 50,
    signal,
  });
  try {
    await host.requireReboot();
    await daemon.waitForLine(/^rebooted with 3$/);
    await host.setRebootBehaviour({ kind: "ignored" });
    await daemon.waitForLine(/^rebooted with 0$/);
    assert.equal(host.boots(), 1);

    await host.setRebootBehaviour({ kind: "boots", notReady: true, keepSentinel: true });
    await daemon.waitForLine(/^sentinel is there$/, { after: daemon.lines().length });
    process.kill(host.initPid() ?? 0, 39);
    await host.untilBooted(2);
    assert.deepEqual(
      (await host.signals()).map(({ what }) => what),
      ["RTMIN+5"],
    );
    await daemon.waitForLine(/^sentinel is there$/, { after: daemon.lines().length });
  } finally {
    await daemon.stop();
    await host.stop();
  }
});

/** An account that may do anything. Client certificates do not get through a proxy, tokens do. */
function mightyAccount(name: string): readonly KubeObject[] {
  const binding = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "ServiceAccount", name, namespace: "default" }],
  };
  return [{ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: "default" } }, binding];
}

/** Writes a program that tells what it sees as the daemon would, and reboots when the sentinel is there. */
async function standIn(host: SimulatedHost): Promise<string> {
  const path = join(host.folder, "stand-in");
  const account = "/var/run/secrets/kubernetes.io/serviceaccount";
  const onHost = "nsenter -m/proc/1/ns/mnt --";
  await writeFile(
    path,
    `#!/bin/bash
echo "hello $* from $KURED_NODE_ID"
other=no; [ "$(readlink /proc/1/ns/mnt)" = "$(readlink /proc/self/ns/mnt)" ] || other=yes
empty=no; [ -n "$(${onHost} ls /var/run/secrets)" ] || empty=yes
echo "init is another's: $other, its secrets are empty: $empty"
echo "boot $(cat $KURED_BOOT_ID_FILE) $(cat /proc/sys/kernel/random/boot_id)"
asked=no
while :; do
  token=$(cat ${account}/token)
  echo "token of \${#token}, ca $(head -c 22 ${account}/ca.crt | tail -c 11), namespace $(cat ${account}/namespace)"
  if ${onHost} test -e /var/run/reboot-required; then
    echo "sentinel is there"
    [ $asked = yes ] || { ${onHost} reboot now please; echo "rebooted with $?"; asked=yes; }
    [ "$STAND_IN_REBOOTS" != once ] || exit 1
  fi
  echo "system $(${onHost} systemctl is-system-running)"
  sleep 0.1
done
`,
  );
  await chmod(path, 0o755);
  return path;
}
