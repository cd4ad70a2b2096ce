import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { freePort } from "../controlplane/cluster/component.ts";
import { startDaemon, type Daemon } from "../controlplane/daemon.ts";
import { startHost, type SimulatedHost } from "../controlplane/host.ts";
import { readManifest } from "../controlplane/manifests.ts";
import { deployment, disruptionBudget, fakeNode, type NodeObject, type PodObject } from "../controlplane/objects.ts";
import { startProxy, type Proxy } from "../controlplane/proxy.ts";
import type { KubeObject } from "../controlplane/resources.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { agentPod, createAll, createNodes, waitFor, waitForPods } from "../controlplane/waits.ts";
import { programUnderTest } from "./site.ts";

// What `kubectl apply -f manifests/coordinated.yaml` grants is enough for the whole job. What it does not grant is
// shown in test/controlplane/policy.test.ts.

const stops: (() => Promise<void>)[] = [];

// Before the cluster's own end, which comes in the order of these lines.
after(async () => {
  for (const stop of stops.toReversed()) await stop();
});

const { cluster, signal } = await suiteCluster();

before(async () => {
  await createNodes(cluster.admin, [fakeNode({ name: "n1" }), fakeNode({ name: "n2" })], { signal });
  await createAll(cluster.admin, readManifest("coordinated"));
  await createAll(cluster.admin, [deployment(), disruptionBudget()]);
  await waitForPods(cluster.admin, { labelSelector: "app=web", count: 2, signal });
});

test("with the rights of the coordinated manifest a node is drained, rebooted and given back, and nothing is refused", async () => {
  const coordinatorHost = await keep(
    await startHost({ node: "elsewhere", hasNode: false, admin: cluster.admin, signal }),
  );
  const coordinator = await startPart("coordinator", { host: coordinatorHost, pod: await coordinatorPod() });
  const host = await keep(await startHost({ node: "n1", admin: cluster.admin, signal }));
  const proxy = await keep(await startProxy({ cluster }));
  const agent = await startPart("agent", { host, pod: await agentPod(cluster.admin, { node: "n1", signal }), proxy });
  await host.requireReboot();
  try {
    await waitFor("n1 to be rebooted and given back", () => isDone(host), { signal, timeoutMs: 60_000 });
  } catch (error) {
    for (const { text } of [...coordinator.lines(), ...agent.lines()]) console.log(text);
    throw error;
  }
  assert.deepEqual(await refusedRequests(), []);
  assert.ok((await eventsAbout("n1")).length > 0, "the coordinator may tell events");
  assert.deepEqual(commitIn(proxy), [
    "test /metadata/annotations/kured.dev~1maintenance",
    "test /spec/unschedulable",
    "test /metadata/annotations/kured.dev~1pause",
    "test /metadata/annotations/kured.dev~1hold",
    "test /metadata/annotations/kured.dev~1report",
    "replace /metadata/annotations/kured.dev~1report",
  ]);
});

async function keep<T extends { stop(): Promise<void> }>(part: T): Promise<T> {
  stops.push(() => part.stop());
  return part;
}

interface PartOptions {
  readonly host: SimulatedHost;
  /** Whose token it has. */
  readonly pod: PodObject;
  readonly proxy?: Proxy;
}

/** The agent or the coordinator, under a token of its pod, with what the manifest's downward API would tell it. */
async function startPart(command: "agent" | "coordinator", { host, pod, proxy }: PartOptions): Promise<Daemon> {
  const { name, uid = "" } = pod.metadata;
  const serviceAccount = pod.spec.serviceAccountName ?? "";
  const common = ["--metrics-host=127.0.0.1", `--metrics-port=${await freePort()}`];
  const agentOnly = ["--reboot-sentinel=/var/run/reboot-required", `--reboot-command=${host.rebootCommand}`];
  return await keep(
    await startDaemon({
      host,
      cluster,
      program: programUnderTest(),
      args: [command, ...common, ...(command === "agent" ? agentOnly : [])],
      environment: { KURED_POD_UID: uid, KURED_POD_NAME: name, KURED_POD_NAMESPACE: "kube-system" },
      token: await cluster.admin.requestToken({ namespace: "kube-system", serviceAccount, pod: { name, uid } }),
      ...(proxy && { port: proxy.port }),
      restartAfterMs: 200,
      signal,
    }),
  );
}

async function coordinatorPod(): Promise<PodObject> {
  const labelSelector = "name=kured-coordinator";
  const pods = await waitForPods(cluster.admin, { namespace: "kube-system", labelSelector, count: 2, signal });
  assert.notEqual(pods[0]?.spec.nodeName, pods[1]?.spec.nodeName, "each coordinator has a node of its own");
  const pod = pods.find(({ spec }) => spec.nodeName === "n2");
  assert.ok(pod);
  return pod;
}

async function isDone(host: SimulatedHost): Promise<boolean> {
  const { spec, metadata } = await cluster.admin.get<NodeObject>({ kind: "Node", metadata: { name: "n1" } });
  const inHand = metadata.annotations?.["kured.dev/maintenance"] !== undefined;
  return host.boots() > 1 && spec?.unschedulable !== true && !inHand;
}

/** All that was answered with 401, 403 or, as a failing policy would, 422. */
async function refusedRequests(): Promise<readonly string[]> {
  const accounts = ["kured-agent", "kured-coordinator"].map((name) => `system:serviceaccount:kube-system:${name}`);
  const entries = await Promise.all(accounts.map((user) => cluster.auditEntries({ user })));
  for (const [index, of] of entries.entries()) assert.ok(of.length > 3, `${accounts[index]} has asked for something`);
  return entries
    .flat()
    .filter(({ code }) => [401, 403, 422].includes(code ?? 0))
    .map(({ user, verb, code, requestUri }) => `${user} ${verb} ${requestUri}: ${code}`);
}

async function eventsAbout(node: string): Promise<readonly KubeObject[]> {
  interface Event extends KubeObject {
    readonly involvedObject: { readonly kind: string; readonly name: string };
    readonly source?: { readonly component?: string };
  }
  const events = await cluster.admin.list<Event>({ kind: "Event", namespace: "default" });
  return events.filter(({ involvedObject, source }) => involvedObject.name === node && source?.component === "kured");
}

/** The steps of the one JSON patch with which the agent has committed to the reboot. */
function commitIn(proxy: Proxy): readonly string[] {
  const commits = proxy
    .requests()
    .filter(({ method, body }) => method === "PATCH" && body.includes("/spec/unschedulable"))
    .map(({ body }) => JSON.parse(body) as readonly { readonly op: string; readonly path: string }[]);
  assert.equal(commits.length, 1);
  return commits.flatMap((steps) => steps.map(({ op, path }) => `${op} ${path}`));
}
