import assert from "node:assert/strict";
import { test } from "node:test";
import { keyOf } from "../objects/object.ts";
import type { KubeObject } from "../objects/object.ts";
import { findResource } from "../objects/resources.ts";
import { Store, type Topic } from "./store.ts";

function pod(namespace: string, name: string, label = ""): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name, uid: `${namespace}-${name}`, resourceVersion: "", labels: { label } },
  };
}

test("a list stays in order and up to date through every write, and who has an old one keeps it as it was", () => {
  const pods = findResource("", { version: "v1", plural: "pods" });
  assert.ok(pods);
  const store = new Store({ historyLimit: 10 });
  const told = () => store.list(pods).map(keyOf);
  const names = Array.from({ length: 60 }, (_, index) => `p${String(index).padStart(2, "0")}`);
  for (const name of names) store.put(pods, pod("shop", name));
  const whole = names.map((name) => `shop/${name}`);
  assert.deepEqual(told(), whole);

  const before = store.list(pods);
  assert.equal(store.list(pods), before, "the very same list while nothing is written");
  const first = store.put(pods, pod("shop-2", "a"));
  const last = store.put(pods, pod("shop", "p99"));
  store.put(pods, pod("shop", "p30", "changed"));
  assert.deepEqual(told(), ["shop-2/a", ...whole, "shop/p99"], "a minus comes before a slash");
  const changed = store.list(pods).find(({ metadata }) => metadata.name === "p30");
  assert.deepEqual(changed?.metadata["labels"], { label: "changed" });

  for (const gone of [first, last, store.put(pods, pod("shop", "here-and-gone"))]) store.remove(pods, gone);
  assert.deepEqual(told(), whole);
  assert.equal(before.length, 60);
  assert.deepEqual(before[30]?.metadata["labels"], { label: "" });
  for (const object of store.list(pods)) store.remove(pods, object);
  assert.deepEqual(told(), []);
});

test("a write is told to those who listen to it and to nobody else, in the order in which they began", () => {
  const pods = findResource("", { version: "v1", plural: "pods" });
  const nodes = findResource("", { version: "v1", plural: "nodes" });
  assert.ok(pods && nodes);
  const store = new Store({ historyLimit: 10 });
  const told: string[] = [];
  const listen = (who: string, topic?: Topic) => store.listen(() => void told.push(who), topic);
  const stop = listen("to a", { stored: "pods", name: "a" });
  listen("to b", { stored: "pods", name: "b" });
  listen("to all");
  listen("to pods", { stored: "pods" });
  listen("to nodes", { stored: "nodes" });
  listen("to a as well", { stored: "pods", name: "a" });
  const heard = (write: () => unknown) => {
    told.splice(0);
    write();
    return [...told];
  };
  assert.deepEqual(
    heard(() => store.put(pods, pod("shop", "a"))),
    ["to a", "to all", "to pods", "to a as well"],
  );
  assert.deepEqual(
    heard(() => store.put(nodes, { ...pod("", "a"), kind: "Node" })),
    ["to all", "to nodes"],
  );
  stop();
  const stored = store.list(pods)[0];
  assert.ok(stored);
  assert.deepEqual(
    heard(() => store.remove(pods, stored)),
    ["to all", "to pods", "to a as well"],
  );
});
