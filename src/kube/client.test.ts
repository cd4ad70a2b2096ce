import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import test from "node:test";
import { answer, failure, object, scriptedServer } from "../../test/kube/server.ts";
import { decodeObject } from "./object.ts";
import type { Decode } from "./object.ts";
import { parseJson } from "./wire/json.ts";
import type { Json } from "./wire/json.ts";

const signal = new AbortController().signal;
const decode = decodeObject;
const raw: Decode<Json> = (json) => json;

test("a Node is read by its name", async (t) => {
  const server = await scriptedServer(t, (_request, response) => answer(response, 200, object("n1")));
  const node = await server.client.get("nodes", { name: "n1", decode, signal });
  assert.ok(node.kind === "ok");
  assert.equal(node.value.uid, "uid-n1");
  const [request] = server.seen;
  assert.deepEqual([request?.method, request?.path, request?.body], ["GET", "/api/v1/nodes/n1", ""]);
  assert.equal(request?.headers.accept, "application/json");
  assert.equal(request?.headers["user-agent"], "kured/test");
});

test("metadata alone is asked for where no more is needed", async (t) => {
  const server = await scriptedServer(t, (_request, response) => answer(response, 200, { ...object("n1"), items: [] }));
  await server.client.get("nodes", { name: "n1", decode, metadataOnly: true, signal });
  await server.client.list("nodes", { decode, metadataOnly: true, signal });
  const accepted = server.seen.map(({ headers }) => headers.accept);
  assert.deepEqual(accepted, [
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json",
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json",
  ]);
});

test("an answer about another object than was asked for is malformed", async (t) => {
  const server = await scriptedServer(t, (_request, response) => answer(response, 200, object("n2")));
  const node = await server.client.get("nodes", { name: "n1", decode, signal });
  assert.deepEqual(node, { kind: "malformed", message: 'metadata.name should be "n1", but is n2', excerpt: "n2" });
});

test("a name that Kubernetes does not allow is gone, and nobody is asked", async (t) => {
  const server = await scriptedServer(t, (_request, response) => answer(response, 200, {}));
  for (const name of ["", ".", "..", "a/b", "100%", "x".repeat(254)]) {
    assert.equal((await server.client.get("nodes", { name, decode, signal })).kind, "gone", name);
    assert.equal((await server.client.delete("pods", { namespace: "shop", name, signal })).kind, "gone", name);
    assert.equal((await server.client.delete("pods", { namespace: name, name: "web", signal })).kind, "gone", name);
  }
  assert.equal((await server.client.delete("pods", { name: "web", signal })).kind, "gone");
  assert.equal(server.seen.length, 0);
});

test("odd but allowed names are percent-encoded", async (t) => {
  const server = await scriptedServer(t, (_request, response) => answer(response, 404, failure(404, "NotFound")));
  const lost = await server.client.get("nodes", { name: "a b?c#d", decode, signal });
  assert.equal(lost.kind, "gone");
  assert.equal(server.seen[0]?.path, "/api/v1/nodes/a%20b%3Fc%23d");
});

test("a list is read page after page", async (t) => {
  const server = await scriptedServer(t, ({ query }, response) => {
    const next = query.get("continue");
    if (next === null)
      answer(response, 200, { metadata: { resourceVersion: "10", continue: "t1" }, items: [object("a")] });
    if (next === "t1")
      answer(response, 200, { metadata: { resourceVersion: "10", continue: "t2" }, items: [object("b")] });
    if (next === "t2")
      answer(response, 200, { metadata: { resourceVersion: "10", continue: "" }, items: [object("c")] });
  });
  const selection = {
    fieldSelector: "spec.nodeName=n1,status.phase!=Failed",
    labelSelector: "a in (b, c)",
    namespace: "shop",
  };
  const pods = await server.client.list("pods", { ...selection, pageSize: 1, decode, signal });
  assert.ok(pods.kind === "ok");
  assert.deepEqual(
    pods.value.items.map(({ name }) => name),
    ["a", "b", "c"],
  );
  assert.equal(pods.value.resourceVersion, "10");
  assert.equal(server.seen.length, 3);
  for (const { path, query } of server.seen) {
    assert.equal(path, "/api/v1/namespaces/shop/pods");
    assert.deepEqual(
      [query.get("fieldSelector"), query.get("labelSelector")],
      [selection.fieldSelector, selection.labelSelector],
    );
    assert.equal(query.get("limit"), "1");
  }
});

test("a list whose continue token expires starts over and has nothing twice", async (t) => {
  let expirations = 0;
  const server = await scriptedServer(t, ({ query }, response) => {
    if (!query.has("continue")) {
      const page = { metadata: { resourceVersion: `1${expirations}`, continue: "t" }, items: [object("a")] };
      answer(response, 200, page);
    } else if (expirations++ === 0) answer(response, 410, failure(410, "Expired"));
    else answer(response, 200, { metadata: { resourceVersion: "11" }, items: [object("b")] });
  });
  const pods = await server.client.list("pods", { decode, signal });
  assert.ok(pods.kind === "ok");
  assert.deepEqual(
    pods.value.items.map(({ name }) => name),
    ["a", "b"],
  );
  assert.equal(server.seen.length, 4);
});

test("a list that always expires, and one that never ends, are given up", async (t) => {
  const expiring = await scriptedServer(t, (_request, response) => answer(response, 410, failure(410, "Expired")));
  assert.equal((await expiring.client.list("pods", { decode, signal })).kind, "expired");
  assert.equal(expiring.seen.length, 4);
  const endless = await scriptedServer(t, (_request, response) => {
    answer(response, 200, { metadata: { resourceVersion: "1", continue: "again" }, items: [] });
  });
  assert.equal((await endless.client.list("pods", { decode, signal })).kind, "malformed");
});

test("a list that goes on and on with other objects and other tokens is given up, too", async (t) => {
  const items = JSON.stringify(Array.from({ length: 25_000 }, () => ({ metadata: { name: "a" } })));
  const growing = await scriptedServer(t, ({ query }, response) => {
    const next = `${Number(query.get("continue") ?? 0) + 1}`;
    response.setHeader("content-type", "application/json");
    response.end(`{"metadata":{"resourceVersion":"1","continue":"${next}"},"items":${items}}`);
  });
  const pods = await growing.client.list("pods", { decode: () => 0, signal });
  assert.deepEqual(pods, { kind: "malformed", message: "a list does not come to its end", excerpt: "10" });
  assert.equal(growing.seen.length, 11);
});

test("a list with one item that makes no sense is malformed as a whole", async (t) => {
  const server = await scriptedServer(t, (_request, response) => {
    answer(response, 200, { metadata: { resourceVersion: "1" }, items: [object("a"), { metadata: { name: 5 } }] });
  });
  const pods = await server.client.list("pods", { decode, signal });
  assert.ok(pods.kind === "malformed");
  assert.match(pods.message, /metadata.name should be a text, but is 5/);
});

test("each verb sends what the API server expects", async (t) => {
  const server = await scriptedServer(t, ({ path, body }, response) => {
    const review = path.endsWith("selfsubjectaccessreviews");
    const object = path.endsWith("eviction") ? { kind: "Status", status: "Success" } : { ...JSON.parse(body) };
    const named = { kind: "Any", metadata: { name: "kured" }, ...(review ? { status: { allowed: true } } : {}) };
    answer(
      response,
      200,
      Array.isArray(JSON.parse(body)) ? named : { ...named, ...object, metadata: { name: "kured" } },
    );
  });
  const at = { namespace: "kube-system", name: "kured" };
  const { client } = server;
  await client.create("leases", { namespace: "kube-system", object: { a: 1 }, decode: raw, signal });
  await client.replace("daemonsets", { ...at, object: { b: 2 }, decode: raw, signal });
  const merge = { spec: { unschedulable: null } };
  await client.patch("nodes", { name: "kured", patch: { type: "merge", body: merge }, decode: raw, signal });
  await client.patch("nodes", { name: "kured", patch: { type: "strategic", body: merge }, decode: raw, signal });
  const operations = [{ op: "test", path: "/a", value: 1 }];
  await client.patch("nodes", { name: "kured", patch: { type: "json", body: operations }, decode: raw, signal });
  const deleted = await client.delete("pods", { ...at, uid: "u1", gracePeriodSeconds: 0, signal });
  const evicted = await client.evict({ ...at, uid: "u1", gracePeriodSeconds: 30, signal });
  await client.evict({ ...at, dryRun: true, signal });
  const allowed = await client.can({ verb: "create", group: "", resource: "events", namespace: "default" }, { signal });
  assert.deepEqual(
    [deleted, evicted, allowed],
    [
      { kind: "ok", value: undefined },
      { kind: "ok", value: undefined },
      { kind: "ok", value: true },
    ],
  );
  const json = "application/json";
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "kured", namespace: "kube-system" } };
  const review = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: { verb: "create", group: "", resource: "events", namespace: "default" } },
  };
  const pod = "/api/v1/namespaces/kube-system/pods/kured";
  assert.deepEqual(
    server.seen.map(({ method, path, headers, body }) => [method, path, headers["content-type"], parseJson(body)]),
    [
      ["POST", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases", json, { a: 1 }],
      ["PUT", "/apis/apps/v1/namespaces/kube-system/daemonsets/kured", json, { b: 2 }],
      ["PATCH", "/api/v1/nodes/kured", "application/merge-patch+json", merge],
      ["PATCH", "/api/v1/nodes/kured", "application/strategic-merge-patch+json", merge],
      ["PATCH", "/api/v1/nodes/kured", "application/json-patch+json", operations],
      [
        "DELETE",
        pod,
        json,
        { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid: "u1" }, gracePeriodSeconds: 0 },
      ],
      [
        "POST",
        `${pod}/eviction`,
        json,
        { ...eviction, deleteOptions: { preconditions: { uid: "u1" }, gracePeriodSeconds: 30 } },
      ],
      ["POST", `${pod}/eviction`, json, { ...eviction, deleteOptions: { dryRun: ["All"] } }],
      ["POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", json, review],
    ],
  );
});

test("an object that is read and replaced goes back with every field and every digit", async (t) => {
  const stored =
    '{"metadata":{"name":"kured","uid":"u","resourceVersion":"1"},"spec":{"unknown":{"to":["us"]},"big":9223372036854775807}}';
  const server = await scriptedServer(t, (_request, response) => response.end(stored));
  const at = { namespace: "kube-system", name: "kured", signal };
  const daemonSet = await server.client.get("daemonsets", { ...at, decode });
  assert.ok(daemonSet.kind === "ok");
  await server.client.replace("daemonsets", { ...at, object: daemonSet.value.raw, decode });
  assert.equal(server.seen[1]?.body, stored);
});

test("an eviction that a stranger answers with a page is not an eviction", async (t) => {
  const server = await scriptedServer(t, (_request, response) => response.end("<html>welcome</html>"));
  assert.equal((await server.client.evict({ namespace: "shop", name: "web", signal })).kind, "notJson");
  const list = await scriptedServer(t, (_request, response) => answer(response, 200, []));
  assert.equal((await list.client.evict({ namespace: "shop", name: "web", signal })).kind, "malformed");
});

test("a review that does not say whether it is allowed is malformed", async (t) => {
  const server = await scriptedServer(t, (_request, response) => answer(response, 201, { status: {} }));
  assert.equal((await server.client.can({ verb: "get", group: "", resource: "nodes" }, { signal })).kind, "malformed");
});

test("no answer in time is unreachable, with the time that was waited", async (t) => {
  const server = await scriptedServer(t, () => undefined, { requestTimeoutMs: 30 });
  const node = await server.client.get("nodes", { name: "n1", decode, signal });
  assert.ok(node.kind === "unreachable");
  assert.match(node.message, /30 ms/);
});

test("an answer that stops in the middle is given up in time", async (t) => {
  const server = await scriptedServer(t, (_request, response) => response.write('{"metadata":'), {
    requestTimeoutMs: 50,
  });
  assert.equal((await server.client.get("nodes", { name: "n1", decode, signal })).kind, "unreachable");
});

test("a connection that breaks is unreachable: before the answer, and in its middle", async (t) => {
  const early = await scriptedServer(t, (_request, response) => response.destroy());
  assert.equal((await early.client.get("nodes", { name: "n1", decode, signal })).kind, "unreachable");
  const late = await scriptedServer(t, (_request, response) => {
    response.write('{"metadata":', () => response.destroy());
  });
  assert.equal((await late.client.get("nodes", { name: "n1", decode, signal })).kind, "unreachable");
});

test("an endless answer is given up before it eats the memory", async (t) => {
  const server = await scriptedServer(
    t,
    (_request, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write(" ".repeat(65_536)));
      };
      response.on("drain", pour);
      pour();
    },
    { maxBodyBytes: 1_000_000 },
  );
  const node = await server.client.get("nodes", { name: "n1", decode, signal });
  assert.deepEqual(node, { kind: "unreachable", message: "the answer is larger than 1000000 bytes" });
});

test("one object, and a list of one, may be 4 MiB; a page of any other list more", async (t) => {
  const large = "x".repeat(5 * 1024 * 1024);
  const server = await scriptedServer(t, ({ path }, response) => {
    const one = { ...object("n1"), large };
    const list = { metadata: { resourceVersion: "1" }, items: [one] };
    answer(response, 200, path.endsWith("/n1") ? one : list);
  });
  const tooLarge = { kind: "unreachable", message: "the answer is larger than 4194304 bytes" };
  assert.deepEqual(await server.client.get("nodes", { name: "n1", decode, signal }), tooLarge);
  const ofOne = { fieldSelector: "metadata.name=n1", decode, signal };
  assert.deepEqual(await server.client.list("nodes", ofOne), tooLarge);
  assert.equal((await server.client.list("nodes", { decode, signal })).kind, "ok");
});

test("whoever ends the work gets their own reason back", async (t) => {
  const server = await scriptedServer(t, () => undefined);
  const stop = new AbortController();
  const waiting = server.client.get("nodes", { name: "n1", decode, signal: stop.signal });
  const reason = new Error("SIGTERM");
  setTimeout(() => stop.abort(reason), 10);
  await assert.rejects(waiting, reason);
  await assert.rejects(server.client.get("nodes", { name: "n1", decode, signal: stop.signal }), reason);
  await assert.rejects(server.client.list("nodes", { decode, signal: stop.signal }), reason);
});

test("a call leaves no listener on the signal it was given, whatever comes of it", async (t) => {
  const good = await scriptedServer(t, (_request, response) => answer(response, 200, object("n1")));
  const broken = await scriptedServer(t, (_request, response) => response.destroy());
  const { signal } = new AbortController();
  for (const { client } of [good, broken]) {
    await client.get("nodes", { name: "n1", decode, signal });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(getEventListeners(signal, "abort").length, 0);
  }
});

test("a JSON patch spells its values as the API server does, or a test for an ampersand would fail for ever", async (t) => {
  const server = await scriptedServer(t, (_request, response) => answer(response, 200, object("n1")));
  const patch = { type: "json", body: [{ op: "test", path: "/a", value: "<a> && b\u2028" }] } as const;
  await server.client.patch("nodes", { name: "n1", patch, decode, signal });
  const body = server.seen[0]?.body ?? "";
  assert.match(body, /"\\u003ca\\u003e \\u0026\\u0026 b\\u2028"/);
  assert.deepEqual(JSON.parse(body), patch.body);
});
