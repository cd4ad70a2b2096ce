import type { Case } from "../step.ts";
import { get, jsonPatch, merge, post, put, remove, strategic } from "../step.ts";
import { configMap, paths } from "./objects.ts";

const lock = "weave.works/kured-node-lock";
const own = `${paths.daemonsets}/d`;
const template = {
  metadata: { labels: { app: "d" } },
  spec: { containers: [{ name: "c", image: "registry.example/pause:3" }] },
};
const selector = { matchLabels: { app: "d" } };

function workload(
  kind: string,
  { annotations = {}, version }: { readonly annotations?: Annotations; readonly version?: string } = {},
) {
  const metadata = { name: "d", annotations, ...(version !== undefined && { resourceVersion: version }) };
  return { kind, apiVersion: "apps/v1", metadata, spec: { selector, template } };
}

type Annotations = { readonly [name: string]: string };

/** kured's DaemonSet, whose annotation is the ledger; other workloads; namespaces that end. */
export const workloads: readonly Case[] = [
  {
    name: "the ledger on a DaemonSet",
    steps: [
      post(paths.daemonsets, workload("DaemonSet"), { as: "d" }),
      post(paths.daemonsets, workload("DaemonSet")),
      get(own),
      put(own, workload("DaemonSet", { annotations: { [lock]: "one" }, version: "$(d.metadata.resourceVersion)" }), {
        as: "e",
      }),
      put(own, workload("DaemonSet", { annotations: { [lock]: "two" }, version: "$(d.metadata.resourceVersion)" })),
      merge(own, { metadata: { resourceVersion: "$(d.metadata.resourceVersion)", annotations: { [lock]: "two" } } }),
      merge(own, { metadata: { resourceVersion: "$(e.metadata.resourceVersion)", annotations: { [lock]: "two" } } }),
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
