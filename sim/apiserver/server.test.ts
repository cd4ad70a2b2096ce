import assert from "node:assert/strict";
import { test } from "node:test";

import { rig } from "./fronts/rig.ts";
import { at, textAt } from "./objects/json.ts";

const node = { kind: "Node", apiVersion: "v1", metadata: { name: "n1" } };
const nodes = "/api/v1/nodes";

test("An object is created with a uid, a time and a version, and can be read back", async () => {
  const { call } = rig();
  const made = await call.post(nodes, node);
  assert.equal(made.status, 201);
  const read = await call.get(`${nodes}/n1`);
  assert.deepEqual(read.body, made.body);
  assert.match(textAt(read.body, "metadata", "uid") ?? "", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(at(read.body, "metadata", "creationTimestamp"), "2026-01-01T12:00:00Z");
  assert.ok(Number(at(read.body, "metadata", "resourceVersion")) > 0);
});

test("A name that is taken answers 409 AlreadyExists, one that is not there 404 NotFound", async () => {
  const { call } = rig();
  await call.post(nodes, node);
  assert.deepEqual((await call.post(nodes, node)).body, {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: 'nodes "n1" already exists',
    reason: "AlreadyExists",
    details: { name: "n1", kind: "nodes" },
    code: 409,
  });
  const missing = await call.get("/apis/coordination.k8s.io/v1/namespaces/default/leases/l");
  assert.equal(missing.status, 404);
  assert.equal(at(missing.body, "message"), 'leases.coordination.k8s.io "l" not found');
  assert.deepEqual(at(missing.body, "details"), { name: "l", group: "coordination.k8s.io", kind: "leases" });
});

test("Objects whose name starts with a prefix get five letters that make them unique", async () => {
  const { call } = rig();
  const pods = "/api/v1/namespaces/default/pods";
  const [one, other] = [
    await call.post(pods, { metadata: { generateName: "web-" } }),
    await call.post(pods, { metadata: { generateName: "web-" } }),
  ];
  assert.match(textAt(one.body, "metadata", "name") ?? "", /^web-[a-z0-9]{5}$/);
  assert.notEqual(at(one.body, "metadata", "name"), at(other.body, "metadata", "name"));
});

test("Nothing is created in a namespace that does not exist or that is being deleted", async () => {
  const { call } = rig();
  const missing = await call.post("/api/v1/namespaces/shop/configmaps", { metadata: { name: "c" } });
  assert.equal(missing.status, 404);
  assert.equal(at(missing.body, "message"), 'namespaces "shop" not found');
  await call.post("/api/v1/namespaces", { metadata: { name: "shop" } });
  await call.delete("/api/v1/namespaces/shop");
  const ending = await call.post("/api/v1/namespaces/shop/configmaps", { metadata: { name: "c" } });
  assert.equal(ending.status, 403);
  assert.equal(at(ending.body, "details", "causes", "0"), undefined);
  assert.match(JSON.stringify(ending.body), /"reason":"NamespaceTerminating"/);
});

test("Paths that are not served answer 404 the way the real server does", async () => {
  const { call } = rig();
  const resource = await call.get("/api/v1/gadgets");
  assert.equal(resource.status, 404);
  assert.equal(at(resource.body, "reason"), "NotFound");
  assert.equal(at(resource.body, "message"), "the server could not find the requested resource");
  const page = await call.get("/nowhere");
  assert.deepEqual([page.status, page.body], [404, "404 page not found\n"]);
  assert.equal((await call.get("/api/v1/namespaces/default/nodes/n1")).status, 404);
});

test("A method that a path does not have answers 405", async () => {
  const { call } = rig();
  assert.equal((await call.put(nodes, node)).status, 405);
  assert.equal((await call.delete(nodes)).status, 405);
  assert.equal((await call.post(`${nodes}/n1`, node)).status, 405);
  assert.equal((await call.get("/api/v1/namespaces/default/pods/p/eviction")).status, 405);
});

test("Discovery says that pods can be evicted by policy/v1, and health and version answer", async () => {
  const { call } = rig();
  const core = await call.get("/api/v1");
  assert.match(
    JSON.stringify(core.body),
    /"name":"pods\/eviction","singularName":"","namespaced":true,"group":"policy","version":"v1","kind":"Eviction"/,
  );
  assert.deepEqual([(await call.get("/readyz")).body, (await call.get("/livez")).status], ["ok", 200]);
  assert.equal(at((await call.get("/version")).body, "major"), "1");
  assert.match(JSON.stringify((await call.get("/apis")).body), /coordination.k8s.io\/v1/);
  assert.equal(at((await call.get("/apis/policy/v1")).body, "groupVersion"), "policy/v1");
});

test("Nobody gets anything without being known, and only what the authorizer allows", async () => {
  const asked: string[] = [];
  const { server, as } = rig({
    authorize: ({ user, verb, resource, subresource, name, namespace, path }) => {
      asked.push([user.name, verb, resource, subresource, name, namespace, path].join(" "));
      return verb === "get";
    },
  });
  const unknown = server.handle({ method: "GET", path: nodes, headers: {} }, { user: undefined });
  assert.equal(unknown.status, 401);
  const call = as({ name: "system:serviceaccount:kube-system:kured" });
  const refused = await call.patch(`${nodes}/n1`, { kind: "merge", body: {} });
  assert.equal(refused.status, 403);
  assert.equal(
    at(refused.body, "message"),
    'nodes "n1" is forbidden: User "system:serviceaccount:kube-system:kured" cannot patch resource "nodes" in API group "" at the cluster scope',
  );
  const eviction = await call.post("/api/v1/namespaces/shop/pods/p/eviction", {});
  assert.match(
    textAt(eviction.body, "message") ?? "",
    /cannot create resource "pods\/eviction" in API group "" in the namespace "shop"/,
  );
  await call.get(`${nodes}?fieldSelector=metadata.name%3Dn7`);
  assert.match(asked.at(-1) ?? "", /list nodes {2}n7/);
  await call.get("/metrics");
  assert.match(asked.at(-1) ?? "", /get .* \/metrics$/);
});

test("A SelfSubjectAccessReview answers what the authorizer would", async () => {
  const { as } = rig({ authorize: ({ verb, resource }) => verb === "create" && resource === "events" });
  const call = as({ name: "kured" });
  const review = (verb: string): Promise<unknown> =>
    call
      .post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
        kind: "SelfSubjectAccessReview",
        apiVersion: "authorization.k8s.io/v1",
        spec: { resourceAttributes: { verb, resource: "events", namespace: "default" } },
      })
      .then(({ status, body }) => [status, at(body, "status", "allowed")]);
  assert.deepEqual(await review("create"), [201, true]);
  assert.deepEqual(await review("delete"), [201, false]);
});

test("An admission hook sees old and new object and can deny a write, which then has not happened", async () => {
  const seen: string[] = [];
  const { call, server } = rig({
    admit: ({ operation, resource, subresource, object, oldObject }) => {
      seen.push([operation, resource, subresource, object !== undefined, oldObject !== undefined].join(" "));
      return at(object, "spec", "unschedulable") === true ? { message: "agents do not cordon" } : undefined;
    },
  });
  await call.post(nodes, node);
  const before = server.resourceVersion;
  const denied = await call.patch(`${nodes}/n1`, { kind: "strategic", body: { spec: { unschedulable: true } } });
  assert.equal(denied.status, 422);
  assert.equal(at(denied.body, "message"), 'nodes "n1" is forbidden: agents do not cordon');
  assert.equal(at(denied.body, "reason"), "Invalid");
  assert.equal(server.resourceVersion, before);
  await call.delete(`${nodes}/n1`);
  assert.deepEqual(seen, ["CREATE nodes  true false", "UPDATE nodes  true true", "DELETE nodes  false true"]);
});

test("Every request is in the log with its user agent and status", async () => {
  const { call, log } = rig();
  await call.get("/api/v1/nodes/gone?x=1");
  assert.deepEqual(log, [
    { user: "admin", method: "GET", path: "/api/v1/nodes/gone?x=1", userAgent: "test/1", status: 404, watch: false },
  ]);
});

test("A dry run checks everything and changes nothing", async () => {
  const { call, server } = rig();
  await call.post(nodes, node);
  const before = server.resourceVersion;
  const patched = await call.patch(`${nodes}/n1?dryRun=All`, {
    kind: "merge",
    body: { spec: { unschedulable: true } },
  });
  assert.equal(at(patched.body, "spec", "unschedulable"), true);
  assert.equal((await call.post(`${nodes}?dryRun=All`, { metadata: { name: "n2" } })).status, 201);
  assert.equal((await call.delete(`${nodes}/n1?dryRun=All`)).status, 200);
  assert.equal((await call.delete(`${nodes}/n1`, { dryRun: ["Some"] })).status, 422);
  assert.equal(server.resourceVersion, before);
});

test("Both event APIs show the same events in their own words", async () => {
  const { call } = rig();
  await call.post("/apis/events.k8s.io/v1/namespaces/default/events", {
    kind: "Event",
    apiVersion: "events.k8s.io/v1",
    metadata: { name: "e" },
    regarding: { kind: "Node", name: "n1" },
    note: "drained",
    reason: "Drained",
    reportingController: "kured.dev/coordinator",
    reportingInstance: "kured-0",
    action: "Drain",
    type: "Normal",
    eventTime: "2026-01-01T00:00:00.000000Z",
  });
  const core = (await call.get("/api/v1/namespaces/default/events/e")).body;
  assert.deepEqual(
    [at(core, "involvedObject", "name"), at(core, "message"), at(core, "reportingComponent"), at(core, "eventTime")],
    ["n1", "drained", "kured.dev/coordinator", "2026-01-01T00:00:00.000000Z"],
  );
  const later = (await call.get("/apis/events.k8s.io/v1/namespaces/default/events/e")).body;
  assert.deepEqual([at(later, "apiVersion"), at(later, "note")], ["events.k8s.io/v1", "drained"]);
});

test("Events have a place and a form, and those of the later API do not change", async () => {
  const { call } = rig();
  const about = { involvedObject: { kind: "Node", name: "n1" }, reason: "R", message: "m", type: "Normal" };
  const elsewhere = await call.post("/api/v1/namespaces/kube-system/events", { metadata: { name: "e" }, ...about });
  assert.equal(elsewhere.status, 422);
  assert.match(
    textAt(elsewhere.body, "message") ?? "",
    /involvedObject.namespace: Invalid value: "": does not match event.namespace/,
  );
  assert.equal(
    (await call.post("/api/v1/namespaces/default/events", { metadata: { name: "e" }, ...about })).status,
    201,
  );
  const later = "/apis/events.k8s.io/v1/namespaces/default/events";
  const bare = {
    metadata: { name: "l" },
    regarding: { kind: "Node", name: "n1" },
    reason: "R",
    note: "m",
    type: "Normal",
  };
  const untimed = await call.post(later, bare);
  assert.match(textAt(untimed.body, "message") ?? "", /eventTime: Required value/);
  const whole = {
    ...bare,
    eventTime: "2026-01-01T00:00:00.000000Z",
    action: "A",
    reportingController: "kured",
    reportingInstance: "i",
  };
  assert.equal((await call.post(later, whole)).status, 201);
  assert.equal((await call.patch(`${later}/l`, { kind: "merge", body: { note: "other" } })).status, 422);
  assert.equal((await call.patch(`${later}/l`, { kind: "merge", body: { series: { count: 2 } } })).status, 200);
  const wrong = { ...whole, metadata: { name: "l2" }, action: "", type: "Odd", note: "x".repeat(1025) };
  assert.equal((await call.post(later, wrong)).status, 422);
});

test("Taints have known effects and are told apart by key and effect", async () => {
  const { call } = rig();
  await call.post(nodes, node);
  const taint = (...taints: readonly { readonly key: string; readonly effect: string }[]): Promise<number> =>
    call.patch(`${nodes}/n1`, { kind: "merge", body: { spec: { taints } } }).then(({ status }) => status);
  assert.equal(await taint({ key: "a", effect: "NoSchedule" }, { key: "a", effect: "NoExecute" }), 200);
  assert.equal(await taint({ key: "a", effect: "NoSchedule" }, { key: "a", effect: "NoSchedule" }), 422);
  assert.equal(await taint({ key: "a", effect: "Never" }), 422);
  assert.equal(await taint({ key: "a", effect: "" }), 422);
  assert.equal(await taint({ key: "", effect: "NoSchedule" }), 422);
});
