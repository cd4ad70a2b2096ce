import type { Case } from "../step.ts";
import { get, jsonPatch, merge, open, post, put, read, remove, strategic } from "../step.ts";
import { configMap, eviction, lease, node, nodePath, paths, pod, podStatus } from "./objects.ts";

const mine = "labelSelector=case%3D$(ns)";
const one = `${paths.configmaps}/c`;
const partial = { accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1" };

/** Watches: each ends with an event that it must bring, so that one too many shows. */
export const watching: readonly Case[] = [
  {
    name: "a watch from a version, from now, and with all that is there",
    steps: [
      post(paths.configmaps, configMap("a"), { as: "a" }),
      post(paths.configmaps, configMap("c")),
      get(paths.configmaps, { as: "list" }),
      open("since", `${paths.configmaps}?watch=true&resourceVersion=$(a.metadata.resourceVersion)`),
      open("now", `${paths.configmaps}?watch=1&resourceVersion=$(list.metadata.resourceVersion)`),
      open("all", `${paths.configmaps}?watch=true`),
      read("all", 2),
      open("zero", `${paths.configmaps}?watch=true&resourceVersion=0`),
      merge(one, { data: { a: "2" } }),
      merge(one, {}),
      merge(`${one}?dryRun=All`, { data: { a: "3" } }),
      put(one, configMap("c")),
      remove(one),
      post(paths.configmaps, configMap("last")),
      read("since", 5),
      read("now", 4),
      read("all", 4),
      read("zero", 6),
    ],
  },
  {
    name: "objects that enter and leave a selection",
    steps: [
      post(paths.pods, pod("p", { waits: true })),
      post(paths.pods, pod("q")),
      get(paths.pods, { as: "list" }),
      open(
        "node",
        `${paths.pods}?watch=true&resourceVersion=$(list.metadata.resourceVersion)&fieldSelector=spec.nodeName%3D$(ns)-n`,
      ),
      open(
        "pending",
        `${paths.pods}?watch=true&resourceVersion=$(list.metadata.resourceVersion)&fieldSelector=status.phase%3DPending`,
      ),
      open(
        "label",
        `${paths.pods}?watch=true&resourceVersion=$(list.metadata.resourceVersion)&labelSelector=app%3Dother`,
      ),
      post(`${paths.pods}/p/binding`, { metadata: { name: "p" }, target: { kind: "Node", name: "$(ns)-n" } }),
      strategic(`${paths.pods}/p/status`, podStatus()),
      merge(`${paths.pods}/p`, { metadata: { labels: { app: "other" } } }),
      merge(`${paths.pods}/p`, { metadata: { labels: { app: "other", more: "x" } } }),
      merge(`${paths.pods}/p`, { metadata: { labels: { app: "web" } } }),
      merge(`${paths.pods}/q`, { metadata: { labels: { app: "other" } } }),
      remove(`${paths.pods}/p`, { gracePeriodSeconds: 0 }),
      post(paths.pods, pod("last", { labels: { app: "other" } })),
      read("node", 8),
      read("pending", 4),
      read("label", 5),
    ],
  },
  {
    name: "what a watch of Nodes tells",
    steps: [
      post(paths.nodes, node("a"), { as: "a" }),
      open("w", `${paths.nodes}?watch=true&resourceVersion=$(a.metadata.resourceVersion)&${mine}`),
      open("partial", `${paths.nodes}?watch=true&resourceVersion=$(a.metadata.resourceVersion)&${mine}`, partial),
      open(
        "named",
        `${paths.nodes}?watch=true&resourceVersion=$(a.metadata.resourceVersion)&fieldSelector=metadata.name%3D$(ns)-b`,
      ),
      merge(nodePath("a"), { spec: { unschedulable: true } }),
      merge(nodePath("a", "/status"), { status: { nodeInfo: { bootID: "b" } } }),
      jsonPatch(nodePath("a"), [{ op: "test", path: "/spec/unschedulable", value: false }]),
      merge(nodePath("a"), { metadata: { finalizers: ["kured.dev/held"] } }),
      remove(nodePath("a")),
      merge(nodePath("a"), { metadata: { finalizers: null } }),
      post(paths.nodes, node("a")),
      post(paths.nodes, node("b")),
      read("w", 7),
      read("partial", 7),
      read("named", 1),
    ],
  },
  {
    name: "an evicted pod as a watch tells it",
    steps: [
      post(paths.pods, pod("p"), { as: "p" }),
      open("w", `${paths.pods}?watch=true&resourceVersion=$(p.metadata.resourceVersion)`),
      strategic(`${paths.pods}/p/status`, podStatus()),
      post(`${paths.pods}/p/eviction`, eviction("p")),
      remove(`${paths.pods}/p`, { gracePeriodSeconds: 0 }),
      post(paths.pods, pod("pending")),
      post(`${paths.pods}/pending/eviction`, eviction("pending", { gracePeriodSeconds: 0 })),
      post(paths.pods, pod("last")),
      read("w", 8),
    ],
  },
  {
    name: "watches that are refused",
    steps: [
      open("w", `${paths.configmaps}?watch=true&resourceVersion=word`),
      open("w", `${paths.configmaps}?watch=true&resourceVersionMatch=Exact`),
      open("w", `${paths.configmaps}?watch=true&fieldSelector=data.a%3D1`),
      open("w", `${paths.configmaps}?watch=true&labelSelector=a%20in`),
      open("w", `${paths.configmaps}?watch=true`, { accept: "text/html" }),
      open("w", "/api/v1/gadgets?watch=true"),
    ],
  },
];

/** Takes as long as the server says, so it is played beside the others. */
export const waiting: Case = {
  name: "bookmarks, and the end of a watch's time",
  steps: [
    post(paths.leases, lease("l"), { as: "l" }),
    merge(`${paths.leases}/l`, { spec: { holderIdentity: "two" } }),
    open(
      "marked",
      `${paths.leases}?watch=true&resourceVersion=$(l.metadata.resourceVersion)&allowWatchBookmarks=true&timeoutSeconds=4`,
    ),
    open("plain", `${paths.leases}?watch=true&resourceVersion=$(l.metadata.resourceVersion)&timeoutSeconds=2`),
    read("marked", "all"),
    read("plain", "all"),
  ],
};

/** The real server is restarted for it. */
export const compaction: Case = {
  name: "reading on after the history is gone",
  steps: [
    ...["a", "b", "c"].map((name) => post(paths.configmaps, configMap(name))),
    get(`${paths.configmaps}?limit=1`, { as: "one" }),
    post(paths.configmaps, configMap("d")),
    { kind: "compact" },
    post(paths.configmaps, configMap("e")),
    get(`${paths.configmaps}?limit=1&continue=$(one.metadata.continue)`, { as: "late" }),
    get(`${paths.configmaps}?limit=2&continue=$(late.metadata.continue)`, { as: "next" }),
    post(paths.configmaps, configMap("f")),
    get(`${paths.configmaps}?limit=2&continue=$(next.metadata.continue)`),
    get(`${paths.configmaps}?resourceVersion=$(one.metadata.resourceVersion)&resourceVersionMatch=Exact`),
    get(`${paths.configmaps}?resourceVersion=$(one.metadata.resourceVersion)&resourceVersionMatch=NotOlderThan`),
    open("old", `${paths.configmaps}?watch=true&resourceVersion=$(one.metadata.resourceVersion)`),
    read("old", "all"),
    open("new", `${paths.configmaps}?watch=true`),
    read("new", 6),
  ],
};
