import assert from "node:assert/strict";
import { test } from "node:test";

import { rig } from "../fronts/rig.ts";
import type { Rig } from "../fronts/rig.ts";
import { at, textAt } from "../objects/json.ts";

const pod = "/api/v1/namespaces/default/pods/p";

async function withPod(
  spec: { readonly nodeName?: string; readonly terminationGracePeriodSeconds?: number } = { nodeName: "n1" },
): Promise<Rig> {
  const made = rig();
  await made.call.post("/api/v1/namespaces/default/pods", { metadata: { name: "p" }, spec });
  return made;
}

test("A deleted node is gone at once, and the answer names its uid", async () => {
  const { call } = rig();
  const uid = at((await call.post("/api/v1/nodes", { metadata: { name: "n1" } })).body, "metadata", "uid");
  const gone = await call.delete("/api/v1/nodes/n1");
  assert.deepEqual(
    [gone.status, at(gone.body, "status"), at(gone.body, "details")],
    [200, "Success", { name: "n1", kind: "nodes", uid }],
  );
  assert.equal((await call.delete("/api/v1/nodes/n1")).status, 404);
});

test("A pod on a node is told when it must be gone, and goes when its kubelet says so", async () => {
  const { call } = await withPod();
  const told = await call.delete(pod);
  assert.deepEqual(
    [
      told.status,
      at(told.body, "metadata", "deletionTimestamp"),
      at(told.body, "metadata", "deletionGracePeriodSeconds"),
    ],
    [200, "2026-01-01T12:00:30Z", 30],
  );
  assert.equal((await call.get(pod)).status, 200);
  assert.equal((await call.delete(pod, { gracePeriodSeconds: 0 })).status, 200);
  assert.equal((await call.get(pod)).status, 404);
});

test("A second deletion can only make the grace period shorter", async () => {
  const { call } = await withPod();
  await call.delete(pod, { gracePeriodSeconds: 20 });
  await call.delete(pod, { gracePeriodSeconds: 60 });
  assert.equal(at((await call.get(pod)).body, "metadata", "deletionTimestamp"), "2026-01-01T12:00:20Z");
  await call.delete(pod, { gracePeriodSeconds: 5 });
  assert.equal(at((await call.get(pod)).body, "metadata", "deletionTimestamp"), "2026-01-01T12:00:05Z");
});

test("A pod without a node, or finished, is deleted without grace", async () => {
  const waiting = await withPod({});
  await waiting.call.delete(pod);
  assert.equal((await waiting.call.get(pod)).status, 404);
  const finished = await withPod();
  await finished.call.patch(`${pod}/status`, { kind: "merge", body: { status: { phase: "Succeeded" } } });
  await finished.call.delete(pod);
  assert.equal((await finished.call.get(pod)).status, 404);
});

test("A deletion that names another uid or version answers 409 and does nothing", async () => {
  const { call, server } = await withPod();
  const before = server.resourceVersion;
  const uid = await call.delete(pod, { preconditions: { uid: "other" } });
  assert.deepEqual([uid.status, at(uid.body, "reason")], [409, "Conflict"]);
  assert.match(
    textAt(uid.body, "message") ?? "",
    /^Operation cannot be fulfilled on Pod "p": the UID in the precondition \(other\) does not match/,
  );
  assert.equal((await call.delete(pod, { preconditions: { resourceVersion: "1" } })).status, 409);
  assert.equal(server.resourceVersion, before);
});

test("A finalizer keeps a deleted object until somebody takes it off", async () => {
  const { call } = rig();
  await call.post("/api/v1/nodes", { metadata: { name: "n1", finalizers: ["example.com/keep"] } });
  await call.delete("/api/v1/nodes/n1");
  assert.equal(at((await call.get("/api/v1/nodes/n1")).body, "metadata", "deletionTimestamp"), "2026-01-01T12:00:00Z");
  await call.patch("/api/v1/nodes/n1", { kind: "merge", body: { metadata: { finalizers: null } } });
  assert.equal((await call.get("/api/v1/nodes/n1")).status, 404);
});

test("A pod that goes at once is written once more before, and watchers see both", async () => {
  const { call, server } = await withPod({});
  const before = server.resourceVersion;
  const events: string[] = [];
  const stream = call.watch(`/api/v1/pods?watch=1&resourceVersion=${before}`, { signal: new AbortController().signal });
  await call.delete(pod);
  const reading = (async () => {
    for await (const event of stream) {
      const grace = at(event, "object", "metadata", "deletionGracePeriodSeconds");
      events.push(`${textAt(event, "type")} ${typeof grace === "number" ? grace : "?"}`);
    }
  })();
  await call.get(pod);
  server.cutWatches("closed");
  await reading;
  assert.deepEqual(events, ["MODIFIED 0", "DELETED 0"]);
});

test("What is being deleted takes no new finalizer, and its name is taken until it is gone", async () => {
  const { call } = rig();
  const maps = "/api/v1/namespaces/default/configmaps";
  await call.post(maps, { metadata: { name: "c", finalizers: ["kured.dev/a"] } });
  await call.delete(`${maps}/c`);
  const body = { metadata: { finalizers: ["kured.dev/a", "kured.dev/b"] } };
  assert.equal((await call.patch(`${maps}/c`, { kind: "merge", body })).status, 422);
  const again = await call.post(maps, { metadata: { name: "c" } });
  assert.equal(at(again.body, "message"), 'object is being deleted: configmaps "c" already exists');
});
