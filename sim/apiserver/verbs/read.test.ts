import assert from "node:assert/strict";
import { test } from "node:test";

import { rig } from "../fronts/rig.ts";
import type { Rig } from "../fronts/rig.ts";
import { at, listAt, textAt } from "../objects/json.ts";
import type { Json } from "../objects/json.ts";

const nodes = "/api/v1/nodes";

async function withNodes(...names: readonly string[]): Promise<Rig> {
  const made = rig();
  for (const name of names) await made.call.post(nodes, { metadata: { name, labels: { zone: name.slice(0, 1) } } });
  return made;
}

function names(list: Json): readonly (Json | undefined)[] {
  return listAt(list, "items").map((item) => at(item, "metadata", "name"));
}

test("A list has the version of the last write, and its items do not repeat their kind", async () => {
  const { call, server } = await withNodes("b1", "a1");
  const { body } = await call.get(nodes);
  assert.deepEqual([at(body, "kind"), at(body, "apiVersion")], ["NodeList", "v1"]);
  assert.equal(at(body, "metadata", "resourceVersion"), String(server.resourceVersion));
  assert.deepEqual(names(body), ["a1", "b1"]);
  assert.equal(at(listAt(body, "items")[0], "kind"), undefined);
});

test("Pages continue where they left off and all show the moment of the first one", async () => {
  const { call } = await withNodes("a1", "a2", "a3");
  const first = await call.get(`${nodes}?limit=2`);
  assert.deepEqual([names(first.body), at(first.body, "metadata", "remainingItemCount")], [["a1", "a2"], 1]);
  await call.delete(`${nodes}/a3`);
  await call.post(nodes, { metadata: { name: "a4" } });
  await call.patch(`${nodes}/a1`, { kind: "merge", body: { metadata: { labels: { zone: "z" } } } });
  const token = encodeURIComponent(textAt(first.body, "metadata", "continue") ?? "");
  const second = await call.get(`${nodes}?limit=2&continue=${token}`);
  assert.deepEqual(names(second.body), ["a3"]);
  assert.equal(at(second.body, "metadata", "continue"), undefined);
  assert.equal(at(second.body, "metadata", "resourceVersion"), at(first.body, "metadata", "resourceVersion"));
});

test("A page whose history was compacted answers 410 Expired, a garbled token 400", async () => {
  const { call, server } = await withNodes("a1", "a2");
  const first = await call.get(`${nodes}?limit=1`);
  await call.delete(`${nodes}/a1`);
  server.compact();
  const late = await call.get(
    `${nodes}?limit=1&continue=${encodeURIComponent(textAt(first.body, "metadata", "continue") ?? "")}`,
  );
  assert.deepEqual([late.status, at(late.body, "reason")], [410, "Expired"]);
  assert.equal((await call.get(`${nodes}?continue=xx`)).status, 400);
});

test("A list of a version that does not exist yet answers 504 and says when to ask again", async () => {
  const { call } = rig();
  const early = await call.get(`${nodes}?resourceVersion=999`);
  assert.deepEqual([early.status, at(early.body, "reason"), early.headers["retry-after"]], [504, "Timeout", "1"]);
  assert.equal((await call.get(`${nodes}?resourceVersion=x`)).status, 400);
  assert.equal((await call.get(`${nodes}?resourceVersion=0`)).status, 200);
});

test("Pods are listed by node, phase, name and namespace, across namespaces or within one", async () => {
  const { call } = rig();
  for (const [namespace, name, nodeName] of [
    ["default", "web", "n1"],
    ["kube-system", "dns", "n1"],
    ["default", "db", "n2"],
  ]) {
    await call.post(`/api/v1/namespaces/${namespace}/pods`, {
      metadata: { name: name ?? "" },
      spec: { nodeName: nodeName ?? "" },
    });
  }
  const select = async (selector: string, path = "/api/v1/pods"): Promise<unknown> =>
    names((await call.get(`${path}?fieldSelector=${encodeURIComponent(selector)}`)).body);
  assert.deepEqual(await select("spec.nodeName=n1"), ["web", "dns"]);
  assert.deepEqual(await select("spec.nodeName==n1,metadata.namespace!=default"), ["dns"]);
  assert.deepEqual(await select("status.phase!=Pending"), []);
  assert.deepEqual(await select("metadata.name=db", "/api/v1/namespaces/default/pods"), ["db"]);
  assert.deepEqual(await select("metadata.name=db", "/api/v1/namespaces/kube-system/pods"), []);
  const bad = await call.get("/api/v1/pods?fieldSelector=spec.color%3Dred");
  assert.deepEqual([bad.status, at(bad.body, "message")], [400, "field label not supported: spec.color"]);
  assert.equal((await call.get("/api/v1/pods?fieldSelector=nonsense")).status, 400);
});

test("Only the metadata is shown to those who ask for no more", async () => {
  const { call } = await withNodes("a1");
  const ask = (kind: string): Readonly<Record<string, string>> => ({
    accept: `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json`,
  });
  const one = await call.get(`${nodes}/a1`, ask("PartialObjectMetadata"));
  assert.deepEqual(Object.keys(one.body as object).toSorted(), ["apiVersion", "kind", "metadata"]);
  assert.equal(at(one.body, "kind"), "PartialObjectMetadata");
  const all = await call.get(nodes, ask("PartialObjectMetadataList"));
  assert.equal(at(all.body, "kind"), "PartialObjectMetadataList");
  assert.deepEqual(names(all.body), ["a1"]);
  assert.equal((await call.get(nodes, ask("PartialObjectMetadata"))).status, 406);
  assert.equal((await call.get(`${nodes}/a1`, ask("PartialObjectMetadataList"))).status, 406);
});

test("What is no JSON cannot be had", async () => {
  const { call } = await withNodes("a1");
  const refused = await call.get(nodes, { accept: "application/vnd.kubernetes.protobuf" });
  assert.deepEqual([refused.status, at(refused.body, "reason")], [406, "NotAcceptable"]);
  assert.equal((await call.get(nodes, { accept: "application/vnd.kubernetes.protobuf,application/json" })).status, 200);
});

test("A list that has lost its history can go on with what is there now", async () => {
  const { call, server } = await withNodes("a1", "a2", "a3");
  const next = (list: Json, limit: number) =>
    call.get(`${nodes}?limit=${limit}&continue=${encodeURIComponent(textAt(list, "metadata", "continue") ?? "")}`);
  const first = await call.get(`${nodes}?limit=1`);
  await call.delete(`${nodes}/a2`);
  server.compact();
  const late = await next(first.body, 1);
  assert.equal(late.status, 410);
  assert.deepEqual(names((await next(late.body, 5)).body), ["a3"]);
});

test("A full page of a selection says that there may be more, although nothing more is selected", async () => {
  const { call } = await withNodes("a1", "b1");
  const page = await call.get(`${nodes}?limit=1&labelSelector=zone%3Da`);
  const token = encodeURIComponent(textAt(page.body, "metadata", "continue") ?? "");
  assert.deepEqual([names(page.body), token === ""], [["a1"], false]);
  const last = await call.get(`${nodes}?limit=1&labelSelector=zone%3Da&continue=${token}`);
  assert.deepEqual([names(last.body), at(last.body, "metadata", "continue")], [[], undefined]);
});

test("Nodes are listed by whether they are cordoned, and one that does not say is not", async () => {
  const { call } = await withNodes("a1", "a2");
  await call.patch(`${nodes}/a1`, { kind: "merge", body: { spec: { unschedulable: true } } });
  const cordoned = async (value: string) =>
    names((await call.get(`${nodes}?fieldSelector=spec.unschedulable%3D${value}`)).body);
  assert.deepEqual([await cordoned("true"), await cordoned("false")], [["a1"], ["a2"]]);
});

test("A resourceVersionMatch without a version, or of no known kind, answers 422", async () => {
  const { call } = await withNodes("a1");
  for (const query of ["resourceVersionMatch=Exact", "resourceVersion=2&resourceVersionMatch=Rough"]) {
    assert.equal((await call.get(`${nodes}?${query}`)).status, 422);
  }
});
