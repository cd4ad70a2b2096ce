import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { rig } from "../fronts/rig.ts";
import type { Rig } from "../fronts/rig.ts";
import { at, listAt, textAt } from "../objects/json.ts";
import type { Json } from "../objects/json.ts";

const nodes = "/api/v1/nodes";

/** Watches from now on, and answers with what has come so far once the server has closed the watch. */
async function watched(
  { call, server }: Rig,
  { path, act }: { readonly path: string; readonly act: () => Promise<unknown> },
): Promise<readonly Json[]> {
  const events: Json[] = [];
  const stream = call.watch(path, { signal: new AbortController().signal });
  const reading = (async () => {
    for await (const event of stream) events.push(event);
  })();
  await Promise.resolve();
  await act();
  server.cutWatches("closed");
  await reading;
  return events;
}

function brief(events: readonly Json[]): readonly string[] {
  return events.map((event) => `${textAt(event, "type")} ${textAt(event, "object", "metadata", "name") ?? ""}`.trim());
}

test("A watch without a version begins with everything that is there", async () => {
  const scene = rig();
  await scene.call.post(nodes, { metadata: { name: "n1" } });
  const events = await watched(scene, {
    path: `${nodes}?watch=true`,
    act: () => scene.call.post(nodes, { metadata: { name: "n2" } }),
  });
  assert.deepEqual(brief(events), ["ADDED n1", "ADDED n2"]);
});

test("A watch from a version tells what came after it, and a deletion has a version of its own", async () => {
  const scene = rig();
  await scene.call.post(nodes, { metadata: { name: "n1" } });
  const start = scene.server.resourceVersion;
  await scene.call.patch(`${nodes}/n1`, { kind: "merge", body: { spec: { unschedulable: true } } });
  const events = await watched(scene, {
    path: `${nodes}?watch=1&resourceVersion=${start}`,
    act: () => scene.call.delete(`${nodes}/n1`),
  });
  assert.deepEqual(brief(events), ["MODIFIED n1", "DELETED n1"]);
  assert.equal(at(events[1] ?? null, "object", "metadata", "resourceVersion"), String(start + 2));
  assert.equal(at(events[1] ?? null, "object", "spec", "unschedulable"), true);
});

test("An object that enters or leaves a selection is added or deleted for who watches it", async () => {
  const scene = rig();
  await scene.call.post(nodes, { metadata: { name: "n1" } });
  const label = (value: string | null): Promise<unknown> =>
    scene.call.patch(`${nodes}/n1`, { kind: "merge", body: { metadata: { labels: { role: value } } } });
  const events = await watched(scene, {
    path: `${nodes}?watch=1&labelSelector=role&resourceVersion=${scene.server.resourceVersion}`,
    act: async () => {
      await label("a");
      await label("b");
      await label(null);
    },
  });
  assert.deepEqual(brief(events), ["ADDED n1", "MODIFIED n1", "DELETED n1"]);
  assert.equal(at(events[2] ?? null, "object", "metadata", "labels", "role"), "b", "the last selected state is told");
  assert.equal(at(events[2] ?? null, "object", "metadata", "resourceVersion"), String(scene.server.resourceVersion));
});

test("A pod that is bound elsewhere is never told to who watches one node", async () => {
  const scene = rig();
  const pods = "/api/v1/namespaces/default/pods";
  const events = await watched(scene, {
    path: "/api/v1/pods?watch=1&fieldSelector=spec.nodeName%3Dn1",
    act: async () => {
      for (const name of ["a", "b"]) await scene.call.post(pods, { metadata: { name } });
      await scene.call.post(`${pods}/a/binding`, { target: { name: "n1" } });
      await scene.call.post(`${pods}/b/binding`, { target: { name: "n2" } });
    },
  });
  assert.deepEqual(brief(events), ["ADDED a"]);
});

test("A watch from before a compaction gets an error event with 410 and ends", async () => {
  const scene = rig();
  const start = scene.server.resourceVersion;
  await scene.call.post(nodes, { metadata: { name: "n1" } });
  scene.server.compact();
  const events: Json[] = [];
  for await (const event of scene.call.watch(`${nodes}?watch=1&resourceVersion=${start}`, {
    signal: new AbortController().signal,
  }))
    events.push(event);
  assert.equal(events.length, 1);
  assert.deepEqual(
    [at(events[0] ?? null, "type"), at(events[0] ?? null, "object", "code"), at(events[0] ?? null, "object", "reason")],
    ["ERROR", 410, "Expired"],
  );
  assert.equal(scene.server.watchCount, 0);
});

test("History beyond the limit is compacted by itself", async () => {
  const scene = rig({ historyLimit: 4 });
  const start = scene.server.resourceVersion;
  for (const name of ["a", "b", "c", "d", "e", "f"]) await scene.call.post(nodes, { metadata: { name } });
  const [first] = await watched(scene, {
    path: `${nodes}?watch=1&resourceVersion=${start}`,
    act: () => Promise.resolve(),
  });
  assert.equal(at(first ?? null, "object", "reason"), "Expired");
});

test("An open watch can be expired from outside", async () => {
  const scene = rig();
  const events = await watched(scene, {
    path: `${nodes}?watch=1`,
    act: async () => scene.server.cutWatches("expired"),
  });
  assert.deepEqual(
    events.map((event) => at(event, "object", "code")),
    [410],
  );
});

test("Bookmarks go to those who want them and carry nothing but the version", async () => {
  const scene = rig();
  const wanted = await watched(scene, {
    path: `${nodes}?watch=1&allowWatchBookmarks=true`,
    act: async () => scene.server.sendBookmarks(),
  });
  assert.deepEqual(wanted, [
    {
      type: "BOOKMARK",
      object: { kind: "Node", apiVersion: "v1", metadata: { resourceVersion: String(scene.server.resourceVersion) } },
    },
  ]);
  const unwanted = await watched(scene, { path: `${nodes}?watch=1`, act: async () => scene.server.sendBookmarks() });
  assert.deepEqual(unwanted, []);
});

test("A watch of metadata tells metadata", async () => {
  const scene = rig();
  await scene.call.post(nodes, { metadata: { name: "n1" }, status: { nodeInfo: { bootID: "b" } } });
  const headers = { accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1" };
  const stream = scene.call.watch(`${nodes}?watch=1`, { signal: new AbortController().signal, headers });
  const { value } = await stream.next();
  assert.deepEqual(
    [at(value ?? null, "object", "kind"), at(value ?? null, "object", "status")],
    ["PartialObjectMetadata", undefined],
  );
  await stream.return();
  assert.equal(scene.server.watchCount, 0, "a reader that leaves closes its watch");
});

test("What this server does not know about watches it refuses", async () => {
  const { call } = rig();
  const streaming = await call.get(`${nodes}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`);
  assert.deepEqual([streaming.status, at(streaming.body, "reason")], [422, "Invalid"]);
  assert.equal((await call.get(`${nodes}?watch=1&resourceVersion=abc`)).status, 500);
});

type Step = {
  readonly verb: "create" | "label" | "cordon" | "delete" | "compact";
  readonly node: string;
  readonly label: string;
};

const steps = fc.array(
  fc.record({
    verb: fc.constantFrom<Step["verb"]>("create", "create", "label", "label", "cordon", "delete", "compact"),
    node: fc.constantFrom("n1", "n2", "n3"),
    label: fc.constantFrom("red", "blue"),
  }),
  { maxLength: 30 },
);

async function perform({ call, server }: Rig, { verb, node, label }: Step): Promise<void> {
  const path = `${nodes}/${node}`;
  if (verb === "create") await call.post(nodes, { metadata: { name: node, labels: { colour: label } } });
  else if (verb === "label")
    await call.patch(path, { kind: "merge", body: { metadata: { labels: { colour: label } } } });
  else if (verb === "cordon")
    await call.patch(path, { kind: "json", body: [{ op: "add", path: "/spec/unschedulable", value: true }] });
  else if (verb === "delete") await call.delete(path);
  else server.compact();
}

test("Whatever happens, a list and the events after it give the list of later, for any selection", async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      steps,
      fc.constantFrom("", "&labelSelector=colour%3Dred", "&fieldSelector=metadata.name!%3Dn1"),
      async (before, after, selection) => {
        const scene = rig();
        for (const step of before) await perform(scene, step);
        const first = (await scene.call.get(`${nodes}?limit=500${selection}`)).body;
        const known = new Map(listAt(first, "items").map((item) => [textAt(item, "metadata", "name"), item]));
        const version = textAt(first, "metadata", "resourceVersion") ?? "";
        const events = await watched(scene, {
          path: `${nodes}?watch=1&resourceVersion=${version}${selection}`,
          act: async () => {
            for (const step of after) await perform(scene, step);
          },
        });
        let last = Number(version);
        for (const event of events) {
          const object = at(event, "object") ?? null;
          const name = textAt(object, "metadata", "name");
          const its = Number(textAt(object, "metadata", "resourceVersion"));
          assert.ok(its > last, "versions grow from event to event");
          last = its;
          assert.equal(
            known.has(name),
            textAt(event, "type") !== "ADDED",
            `${textAt(event, "type")} of what was known or not`,
          );
          if (textAt(event, "type") === "DELETED") known.delete(name);
          else known.set(name, object);
        }
        const later = listAt((await scene.call.get(`${nodes}?limit=500${selection}`)).body, "items");
        const plain = (item: Json): Json => ({ ...(item as object), kind: undefined, apiVersion: undefined });
        assert.deepEqual(
          JSON.parse(JSON.stringify([...known.values()].map(plain).toSorted(byName))),
          JSON.parse(JSON.stringify(later.toSorted(byName))),
        );
      },
    ),
    { numRuns: 150 },
  );
});

function byName(one: Json, other: Json): number {
  return (textAt(one, "metadata", "name") ?? "") < (textAt(other, "metadata", "name") ?? "") ? -1 : 1;
}
