import type { Json, JsonObject } from "../../../../sim/apiserver/objects/json.ts";
import type { Case } from "../step.ts";
import { get, jsonPatch, merge, post, put, remove, strategic } from "../step.ts";
import { configMap, paths } from "./objects.ts";

/** The annotation that lists who holds the lock. */
export const ledgerField = "weave.works/kured-node-lock";
const own = `${paths.daemonsets}/d`;
const template = {
  metadata: { labels: { app: "d" } },
  spec: { containers: [{ name: "c", image: "registry.example/pause:3" }] },
};
const selector = { matchLabels: { app: "d" } };

/** kured's DaemonSet with that much more in its metadata. */
export function daemonSet(metadata: JsonObject = {}): Json {
  return {
    kind: "DaemonSet",
    apiVersion: "apps/v1",
    metadata: { name: "d", ...metadata },
    spec: { selector, template },
  };
}

function withLock(holder: string): Json {
  return daemonSet({ annotations: { [ledgerField]: holder }, resourceVersion: "$(d.metadata.resourceVersion)" });
}

/** kured's DaemonSet, whose annotation is the ledger; other workloads; namespaces that end. */
export const workloads: readonly Case[] = [
  {
    name: "the ledger on a DaemonSet",
    steps: [
      post(paths.daemonsets, daemonSet(), { as: "d" }),
      post(paths.daemonsets, daemonSet()),
      get(own),
      put(own, withLock("one"), {
        as: "e",
      }),
      put(own, withLock("two")),
      merge(own, {
        metadata: { resourceVersion: "$(d.metadata.resourceVersion)", annotations: { [ledgerField]: "two" } },
      }),
      merge(own, {
        metadata: { resourceVersion: "$(e.metadata.resourceVersion)", annotations: { [ledgerField]: "two" } },
      }),
      jsonPatch(own, [
        { op: "test", path: "/metadata/annotations/weave.works~1kured-node-lock", value: "one" },
        { op: "replace", path: "/metadata/annotations/weave.works~1kured-node-lock", value: "three" },
      ]),
      jsonPatch(own, [
        { op: "test", path: "/metadata/annotations/weave.works~1kured-node-lock", value: "two" },
        { op: "remove", path: "/metadata/annotations/weave.works~1kured-node-lock" },
      ]),
      merge(own, { spec: { minReadySeconds: 1 } }),
      merge(`${own}/status`, {
        status: { numberReady: 1, currentNumberScheduled: 1, desiredNumberScheduled: 1, numberMisscheduled: 0 },
      }),
      strategic(own, {
        spec: { template: { spec: { containers: [{ name: "c", image: "registry.example/pause:4" }] } } },
      }),
      get(own),
      get(paths.daemonsets),
      remove(own),
    ],
  },
  {
    name: "a namespace that ends",
    steps: [
      post("/api/v1/namespaces", { metadata: { name: "$(ns)-ending" } }, { as: "n" }),
      post("/api/v1/namespaces/$(ns)-ending/configmaps", configMap("c")),
      remove("/api/v1/namespaces/$(ns)-ending"),
      get("/api/v1/namespaces/$(ns)-ending"),
      post("/api/v1/namespaces/$(ns)-ending/configmaps", configMap("d")),
      merge("/api/v1/namespaces/$(ns)-ending/configmaps/c", { data: { a: "2" } }),
      remove("/api/v1/namespaces/$(ns)-ending/configmaps/c"),
      remove("/api/v1/namespaces/$(ns)-ending"),
      post("/api/v1/namespaces", { metadata: { name: "$(ns)-ending" } }),
    ],
  },
];
