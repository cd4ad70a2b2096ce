import assert from "node:assert/strict";
import { test } from "node:test";

import type { Reply } from "../fronts/caller.ts";
import { rig } from "../fronts/rig.ts";
import type { Rig } from "../fronts/rig.ts";
import { at, objectAt, textAt } from "../objects/json.ts";
import type { Json } from "../objects/json.ts";

const n1 = "/api/v1/nodes/n1";

async function withNode(extra: Readonly<Record<string, Json>> = {}): Promise<Rig> {
  const made = rig();
  await made.call.post("/api/v1/nodes", { metadata: { name: "n1", annotations: { a: "1" } }, ...extra });
  return made;
}

test("A PUT with a stale version answers 409 Conflict; without one, or with the right one, it wins", async () => {
  const { call } = await withNode();
  const old = (await call.get(n1)).body;
  const changed = { ...objectAt(old), metadata: { ...objectAt(old, "metadata"), labels: { x: "y" } } };
  assert.equal((await call.put(n1, changed)).status, 200);
  const stale = await call.put(n1, { ...changed, spec: { unschedulable: true } });
  assert.equal(stale.status, 409);
  assert.equal(
    at(stale.body, "message"),
    'Operation cannot be fulfilled on nodes "n1": the object has been modified; please apply your changes to the latest version and try again',
  );
  assert.equal((await call.put(n1, { metadata: { name: "n1" } })).status, 200);
});

test("Patches that carry a version are refused when it is stale, in all three languages", async () => {
  const { call } = await withNode();
  const body = { metadata: { resourceVersion: "1", annotations: { b: "2" } } };
  assert.equal((await call.patch(n1, { kind: "merge", body })).status, 409);
  assert.equal((await call.patch(n1, { kind: "strategic", body })).status, 409);
  const json = [{ op: "replace", path: "/metadata/resourceVersion", value: "1" }];
  assert.equal((await call.patch(n1, { kind: "json", body: json })).status, 409);
  const version = at((await call.get(n1)).body, "metadata", "resourceVersion");
  const fresh = { metadata: { ...body.metadata, resourceVersion: version ?? "" } };
  assert.equal((await call.patch(n1, { kind: "merge", body: fresh })).status, 200);
});

test("A write that changes nothing keeps the version", async () => {
  const { call, server } = await withNode();
  const before = server.resourceVersion;
  await call.patch(n1, { kind: "merge", body: { metadata: { annotations: { a: "1" } } } });
  await call.patch(n1, { kind: "strategic", body: { spec: { unschedulable: null } } });
  await call.put(n1, (await call.get(n1)).body);
  assert.equal(server.resourceVersion, before);
});

test("Another uid is a conflict in a PUT and a broken rule in a patch", async () => {
  const { call } = await withNode();
  const put = await call.put(n1, { metadata: { name: "n1", uid: "other" } });
  assert.deepEqual([put.status, at(put.body, "reason")], [409, "Conflict"]);
  const patch = await call.patch(n1, { kind: "merge", body: { metadata: { uid: "other", annotations: { b: "2" } } } });
  assert.deepEqual([patch.status, at(patch.body, "reason")], [422, "Invalid"]);
  assert.match(
    textAt(patch.body, "message") ?? "",
    /^Node "n1" is invalid: metadata.uid: Invalid value: "other": field is immutable$/,
  );
});

test("Status and the rest are written by different paths", async () => {
  const { call } = await withNode({ status: { nodeInfo: { bootID: "b1" } } });
  await call.patch(n1, {
    kind: "merge",
    body: { status: { nodeInfo: { bootID: "forged" } }, spec: { unschedulable: true } },
  });
  await call.patch(`${n1}/status`, {
    kind: "merge",
    body: { status: { nodeInfo: { bootID: "b2" } }, spec: { unschedulable: null } },
  });
  const { body } = await call.get(n1);
  assert.deepEqual([at(body, "status", "nodeInfo", "bootID"), at(body, "spec", "unschedulable")], ["b2", true]);
});

test("The generation counts changes of the spec and of nothing else", async () => {
  const { call } = rig();
  const path = "/apis/apps/v1/namespaces/default/daemonsets";
  await call.post(path, { metadata: { name: "d" }, spec: { x: 1 }, status: { numberReady: 9 } });
  const generation = async (): Promise<unknown> => at((await call.get(`${path}/d`)).body, "metadata", "generation");
  assert.equal(at((await call.get(`${path}/d`)).body, "status", "numberReady"), 0);
  assert.equal(await generation(), 1);
  await call.patch(`${path}/d`, { kind: "merge", body: { metadata: { annotations: { lock: "{}" } } } });
  await call.patch(`${path}/d/status`, { kind: "merge", body: { status: { numberReady: 1 } } });
  assert.equal(await generation(), 1);
  await call.patch(`${path}/d`, { kind: "merge", body: { spec: { x: 2 } } });
  assert.equal(await generation(), 2);
});

test("A Lease is created by its first PUT, needs a version for the next, and keeps microseconds", async () => {
  const { call } = rig();
  const path = "/apis/coordination.k8s.io/v1/namespaces/default/leases/l";
  const lease = (renewTime: string, resourceVersion = ""): Json => ({
    metadata: { name: "l", resourceVersion },
    spec: { renewTime },
  });
  const made = await call.put(path, lease("2026-01-01T00:00:00.500000Z"));
  assert.deepEqual([made.status, at(made.body, "spec", "renewTime")], [201, "2026-01-01T00:00:00.500000Z"]);
  const blind = await call.put(path, lease("2026-01-01T00:00:01.500000Z"));
  assert.equal(blind.status, 422);
  assert.match(
    textAt(blind.body, "message") ?? "",
    /metadata.resourceVersion: Invalid value: 0: must be specified for an update/,
  );
  const version = textAt(made.body, "metadata", "resourceVersion") ?? "";
  assert.equal((await call.put(path, lease("2026-01-01T00:00:01.500000Z", version))).status, 200);
  assert.equal((await call.put(path, lease("2026-01-01T00:00:02.500000Z", version))).status, 409);
  assert.equal(
    (await call.put(`${path}2`, { metadata: { name: "l2" }, spec: { renewTime: "2026-01-01T00:00:02.500Z" } })).status,
    400,
  );
  assert.equal((await call.put("/api/v1/nodes/none", { metadata: { name: "none" } })).status, 404);
});

test("Bodies that are no JSON, of another kind or for another object answer 400; another type 415", async () => {
  const { call, server } = await withNode();
  assert.equal((await call.post("/api/v1/nodes", "{")).status, 400);
  assert.equal((await call.post("/api/v1/nodes", "[]")).status, 400);
  assert.equal(
    (await call.post("/api/v1/nodes", { kind: "Pod", apiVersion: "v1", metadata: { name: "x" } })).status,
    400,
  );
  assert.equal((await call.put(n1, { metadata: { name: "n2" } })).status, 400);
  assert.equal((await call.put(n1, {})).status, 400);
  assert.equal(
    (await call.post("/api/v1/namespaces/default/configmaps", { metadata: { name: "c", namespace: "other" } })).status,
    400,
  );
  assert.equal((await call.patch(n1, { kind: "merge", body: "{" })).status, 400);
  assert.equal((await call.patch(n1, { kind: "merge", body: "[]" })).status, 400);
  assert.equal((await call.patch(n1, { kind: "json", body: {} })).status, 400);
  const typed = server.handle(
    { method: "PATCH", path: n1, headers: { "content-type": "application/json" }, body: "{}" },
    { user: { name: "u" } },
  );
  assert.equal(typed.status, 415);
  const form = server.handle(
    { method: "POST", path: "/api/v1/nodes", headers: { "content-type": "text/plain" }, body: "{}" },
    { user: { name: "u" } },
  );
  assert.equal(form.status, 415);
});

test("Values of a wrong type answer 400 in an object and 422 in a patch", async () => {
  const { call } = await withNode();
  const posted = await call.post("/api/v1/nodes", { metadata: { name: "n2", annotations: { a: 1 } } });
  assert.deepEqual([posted.status, at(posted.body, "reason")], [400, "BadRequest"]);
  const patched = await call.patch(n1, { kind: "merge", body: { spec: { unschedulable: "yes" } } });
  assert.deepEqual([patched.status, at(patched.body, "reason")], [422, "Invalid"]);
});

test("Names, labels and the size of annotations have rules", async () => {
  const { call } = await withNode();
  const messages: unknown[] = [];
  for (const metadata of [
    { labels: { "-": "x" } },
    { labels: { x: "a b" } },
    { annotations: { big: "x".repeat(262_145) } },
    { annotations: { "a/b/c": "" } },
  ]) {
    const { status, body } = await call.patch(n1, { kind: "merge", body: { metadata } });
    messages.push([status, (textAt(body, "message") ?? "").slice(0, 60)]);
  }
  assert.deepEqual(messages, [
    [422, 'Node "n1" is invalid: metadata.labels: Invalid value: "-": n'],
    [422, 'Node "n1" is invalid: metadata.labels: Invalid value: "a b":'],
    [422, 'Node "n1" is invalid: metadata.annotations: Too long: may no'],
    [422, 'Node "n1" is invalid: metadata.annotations: Invalid value: "'],
  ]);
  assert.equal((await call.post("/api/v1/nodes", { metadata: { name: "No_Node" } })).status, 422);
});

test("A pod's spec cannot be changed, but a waiting pod can be bound to a node once", async () => {
  const { call } = rig();
  const pods = "/api/v1/namespaces/default/pods";
  await call.post(pods, { metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "a" }] } });
  assert.equal((await call.patch(`${pods}/p`, { kind: "merge", body: { spec: { nodeName: "n1" } } })).status, 422);
  assert.equal(
    (await call.patch(`${pods}/p`, { kind: "strategic", body: { spec: { containers: [{ name: "c", image: "b" }] } } }))
      .status,
    200,
  );
  assert.equal((await call.post(`${pods}/p/binding`, { target: { name: "n1" } })).status, 201);
  assert.equal((await call.post(`${pods}/p/binding`, { target: { name: "n2" } })).status, 409);
  assert.equal(at((await call.get(`${pods}/p`)).body, "spec", "nodeName"), "n1");
});

test("A node that is uncordoned has no trace of the cordon", async () => {
  const { call } = await withNode();
  await call.patch(n1, { kind: "strategic", body: { spec: { unschedulable: true } } });
  await call.patch(n1, { kind: "json", body: [{ op: "replace", path: "/spec/unschedulable", value: false }] });
  assert.deepEqual(at((await call.get(n1)).body, "spec"), {});
  // The field is not there, so a patch that tests it must test for null.
  const test = (value: Json): Promise<number> =>
    call
      .patch(n1, { kind: "json", body: [{ op: "test", path: "/spec/unschedulable", value }] })
      .then(({ status }) => status);
  assert.deepEqual([await test(false), await test(null)], [422, 200]);
});

test("A patch cannot take an object's name, kind or age, and a cluster's object is in no namespace", async () => {
  const { call } = await withNode();
  const merge = (body: Json): Promise<Reply> => call.patch(n1, { kind: "merge", body });
  assert.equal((await merge({ metadata: null })).status, 400);
  assert.equal((await merge({ kind: "Pod" })).status, 422);
  const aged = await merge({
    metadata: { creationTimestamp: "2020-01-01T00:00:00Z", namespace: "x", annotations: { b: "2" } },
  });
  assert.equal(aged.status, 200);
  assert.deepEqual(
    [at(aged.body, "metadata", "creationTimestamp"), at(aged.body, "metadata", "namespace")],
    ["2026-01-01T12:00:00Z", undefined],
  );
});

test("A null among annotations is stored as an empty text", async () => {
  const { call } = await withNode();
  const patched = await call.patch(n1, {
    kind: "json",
    body: [{ op: "add", path: "/metadata/annotations/n", value: null }],
  });
  assert.deepEqual(at(patched.body, "metadata", "annotations"), { a: "1", n: "" });
});

test("A DaemonSet is never without annotations: one counts the changes of its template", async () => {
  const { call } = rig();
  const path = "/apis/apps/v1/namespaces/default/daemonsets";
  const count = async (): Promise<unknown> =>
    at((await call.get(`${path}/d`)).body, "metadata", "annotations", "deprecated.daemonset.template.generation");
  await call.post(path, { metadata: { name: "d" }, spec: { template: { spec: { x: 1 } } } });
  assert.equal(await count(), "1");
  const lock = [{ op: "add", path: "/metadata/annotations/weave.works~1kured-node-lock", value: "{}" }];
  assert.equal((await call.patch(`${path}/d`, { kind: "json", body: lock })).status, 200);
  await call.put(`${path}/d`, { metadata: { name: "d" }, spec: { template: { spec: { x: 1 } } } });
  assert.equal(await count(), "1");
  await call.patch(`${path}/d`, { kind: "merge", body: { spec: { template: { spec: { x: 2 } } } } });
  assert.equal(await count(), "2");
});
