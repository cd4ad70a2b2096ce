import assert from "node:assert/strict";
import { before, test } from "node:test";
import { machineClock } from "../../src/host/clock.ts";
import { machineCommands } from "../../src/host/commands.ts";
import { machineFiles } from "../../src/host/files.ts";
import { machineRandom } from "../../src/host/random.ts";
import { kubeClient } from "../../src/kube/client.ts";
import type { KubeClient } from "../../src/kube/client.ts";
import { kubeconfigConnection } from "../../src/kube/connection/kubeconfig.ts";
import type { Leadership } from "../../src/kube/election/candidacy.ts";
import { recordNodeEvent } from "../../src/kube/events.ts";
import { httpsTransport } from "../../src/kube/https.ts";
import { runElection } from "../../src/kube/leases.ts";
import { decodeObject, readValue } from "../../src/kube/object.ts";
import { watchCollection } from "../../src/kube/watch.ts";
import { deployment, disruptionBudget, fakeNode, namespace } from "../controlplane/objects.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { createAll, createNodes, waitForPods } from "../controlplane/waits.ts";

const { cluster, signal } = await suiteCluster();
const clock = machineClock();
const decode = decodeObject;
let client: KubeClient;

before(async () => {
  const commands = machineCommands({ clock });
  const parts = { environment: {}, files: machineFiles({ clock }), clock, commands, path: cluster.kubeconfig, signal };
  const { connection } = await kubeconfigConnection(parts);
  const transport = httpsTransport({ connection, clock, userAgent: "kured/test" });
  client = kubeClient({ transport, clock, requestTimeoutMs: 10_000 });
  await createNodes(cluster.admin, [fakeNode({ name: "n1" }), fakeNode({ name: "n2" })], { signal });
  await createAll(cluster.admin, [namespace("shop")]);
});

async function until(what: () => boolean, timeoutMs = 20_000): Promise<void> {
  const giveUpAtMs = Date.now() + timeoutMs;
  while (!what()) {
    assert.ok(Date.now() < giveUpAtMs, `not within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("the real server's refusals have the names that callers act on", async () => {
  const name = "n1";
  const gone = await client.get("nodes", { name: "none", decode, signal });
  const stale = { metadata: { resourceVersion: "1", annotations: { a: "b" } } };
  const conflict = await client.patch("nodes", { name, patch: { type: "merge", body: stale }, decode, signal });
  const operations = [{ op: "test", path: "/metadata/name", value: "other" }];
  const invalid = await client.patch("nodes", { name, patch: { type: "json", body: operations }, decode, signal });
  const object = { apiVersion: "v1", kind: "Node", metadata: { name } };
  const exists = await client.create("nodes", { object, decode, signal });
  const bad = await client.list("nodes", { labelSelector: "a in", decode, signal });
  const unserved = await client.create("leases", { object: {}, decode, signal });
  const wrongUid = await client.delete("nodes", { name, uid: "other", signal });
  const kinds = [gone, conflict, invalid, exists, bad, unserved, wrongUid].map(({ kind }) => kind);
  assert.deepEqual(kinds, ["gone", "conflict", "invalid", "alreadyExists", "badRequest", "badRequest", "conflict"]);
});

test("what we may do is asked for, not tried", async () => {
  assert.deepEqual(
    await client.can({ verb: "create", group: "", resource: "events", namespace: "default" }, { signal }),
    {
      kind: "ok",
      value: true,
    },
  );
});

test("pages make one list, and metadata alone has no spec", async () => {
  const whole = await client.list("nodes", { pageSize: 1, decode, signal });
  const metadata = await client.list("nodes", { pageSize: 1, metadataOnly: true, decode, signal });
  assert.ok(whole.kind === "ok" && metadata.kind === "ok");
  assert.deepEqual(
    whole.value.items.map(({ name }) => name),
    ["n1", "n2"],
  );
  assert.deepEqual(
    metadata.value.items.map(({ name }) => name),
    ["n1", "n2"],
  );
  assert.notEqual(readValue(whole.value.items[0]?.raw ?? {}, "status.nodeInfo"), undefined);
  assert.equal(readValue(metadata.value.items[0]?.raw ?? {}, "status"), undefined);
});

test("an event is recorded once", async () => {
  const node = { name: "n1", uid: "n1" };
  const event = { name: "n1.kured-test", node, type: "Normal", reason: "Tested", message: "It was." } as const;
  const recorder = { client, clock, instance: "test", signal };
  assert.deepEqual(await recordNodeEvent(event, recorder), { kind: "ok", value: "recorded" });
  assert.deepEqual(await recordNodeEvent(event, recorder), { kind: "ok", value: "known" });
});

test("an eviction against a budget names it and its numbers; a dry run evicts nothing; a wrong uid is refused", async () => {
  await createAll(cluster.admin, [
    deployment({ name: "web", namespace: "shop", replicas: 2 }),
    disruptionBudget({ name: "web", namespace: "shop", minAvailable: 2 }),
  ]);
  await waitForPods(cluster.admin, { namespace: "shop", count: 2, signal });
  const pods = await client.list("pods", { namespace: "shop", decode, signal });
  assert.ok(pods.kind === "ok");
  const [pod] = pods.value.items;
  assert.ok(pod !== undefined);
  const at = { namespace: "shop", name: pod.name, signal };
  let refused = await client.evict({ ...at, uid: pod.uid });
  // The budget's controller may not have looked yet.
  for (let i = 0; i < 100 && refused.kind === "budgetRefused" && refused.beingProcessed; i++) {
    assert.equal(refused.retryAfterMs, 10_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    refused = await client.evict({ ...at, uid: pod.uid });
  }
  assert.ok(refused.kind === "budgetRefused", JSON.stringify(refused));
  assert.deepEqual([refused.budget, refused.neededHealthy, refused.currentHealthy], ["web", 2, 2]);
  assert.equal(refused.retryAfterMs, undefined);

  await createAll(cluster.admin, [
    disruptionBudget({ name: "second", namespace: "shop", matchLabels: { app: "web" }, minAvailable: 1 }),
  ]);
  assert.equal((await client.evict({ ...at, uid: pod.uid })).kind, "severalBudgets");
  for (const name of ["web", "second"]) {
    assert.equal((await client.delete("poddisruptionbudgets", { namespace: "shop", name, signal })).kind, "ok");
  }
  assert.equal((await client.evict({ ...at, uid: "another" })).kind, "conflict");
  assert.equal((await client.evict({ ...at, uid: pod.uid, dryRun: true })).kind, "ok");
  assert.equal((await client.get("pods", { ...at, decode })).kind, "ok");
  assert.equal((await client.evict({ ...at, uid: pod.uid, gracePeriodSeconds: 0 })).kind, "ok");
});

test("a watch goes on when the API server is killed and comes back", async (t) => {
  const names = new Set<string>();
  const told: string[] = [];
  const stop = new AbortController();
  const watching = watchCollection("nodes", {
    client,
    clock,
    random: machineRandom(),
    log: { write: (level, message) => told.push(`${level} ${message}`) },
    decode,
    metadataOnly: true,
    handlers: {
      replaced: (items) => {
        names.clear();
        for (const { name } of items) names.add(name);
      },
      upserted: ({ name }) => names.add(name),
      deleted: ({ name }) => names.delete(name),
      lost: ({ kind }) => told.push(kind),
    },
    signal: stop.signal,
  });
  const ended = assert.rejects(watching, /enough/);
  t.after(async () => {
    stop.abort(new Error("enough"));
    await ended;
  });
  await until(() => names.has("n2"));
  await createNodes(cluster.admin, [fakeNode({ name: "n3" })], { signal });
  await until(() => names.has("n3"), 2_000);
  await cluster.killApiServer();
  await until(() => told.includes("unreachable"));
  await cluster.startApiServer();
  assert.equal((await client.delete("nodes", { name: "n3", signal })).kind, "ok");
  await createNodes(cluster.admin, [fakeNode({ name: "n4" })], { signal });
  await until(() => names.has("n4") && !names.has("n3"));
});

test("a watch from a version that is too old says so", async () => {
  const watch = await client.watch("nodes", { resourceVersion: "1", timeoutSeconds: 5, idleMs: 5_000, decode, signal });
  if (watch.kind !== "ok") return assert.equal(watch.kind, "expired");
  for await (const event of watch.value)
    return assert.deepEqual([event.kind, "failure" in event && event.failure.kind], ["failed", "expired"]);
  assert.fail("nothing came");
});

test("a lease is led, lost when somebody deletes it, led again in a higher term, and given back", async (t) => {
  const told: Leadership[] = [];
  const stop = new AbortController();
  const at = { namespace: "kube-system", name: "kured" };
  const durations = { leaseDurationMs: 3_000, renewDeadlineMs: 2_000, retryPeriodMs: 200 };
  const log = { write: () => undefined };
  const parts = { client, clock, random: machineRandom(), log, identity: "one", ...at, ...durations };
  const running = runElection({ ...parts, onChange: (word) => told.push(word), signal: stop.signal });
  const ended = assert.rejects(running, /enough/);
  t.after(() => stop.abort(new Error("enough")));
  await until(() => told.at(-1)?.kind === "leading");
  assert.equal((await client.delete("leases", { ...at, signal })).kind, "ok");
  await until(() => told.some((word) => word.kind === "leading" && word.term === 2));
  assert.ok(told.slice(1).some(({ kind }) => kind === "following"));
  stop.abort(new Error("enough"));
  await ended;
  const lease = await client.get("leases", { ...at, decode, signal });
  assert.ok(lease.kind === "ok");
  assert.deepEqual(
    ["holderIdentity", "leaseTransitions"].map((field) => readValue(lease.value.raw, `spec.${field}`) ?? ""),
    ["", 2],
  );
});
