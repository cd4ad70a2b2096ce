import type { Case } from "../step.ts";
import { get, merge, post, put, remove } from "../step.ts";
import { configMap, lease, node, nodePath, paths, pod } from "./objects.ts";

const uid = "00000000-0000-4000-8000-000000000000";
const one = `${paths.configmaps}/c`;

const ready = {
  type: "Ready",
  status: "True",
  reason: "r",
  message: "m",
  lastHeartbeatTime: "2020-01-01T00:00:00Z",
  lastTransitionTime: "2020-01-01T00:00:00Z",
};

/** Creations, replacements, deletions and their preconditions. */
export const writing: readonly Case[] = [
  {
    name: "creations that are refused",
    steps: [
      post(paths.configmaps, configMap("c")),
      post(paths.configmaps, configMap("c")),
      post(paths.configmaps, configMap("")),
      post(paths.configmaps, configMap("Not_A_Name")),
      post(paths.configmaps, configMap("d", { namespace: "other" })),
      post(paths.configmaps, configMap("d", { resourceVersion: "7" })),
      post(paths.configmaps, configMap("d", { labels: { "-bad-": "x" } })),
      post(paths.configmaps, configMap("d", { labels: { good: "-bad-" } })),
      post(paths.configmaps, configMap("d", { annotations: { "a b": "x" } })),
      post(paths.configmaps, configMap("d", { annotations: { good: 7 } })),
      post(paths.configmaps, configMap("d", { labels: ["x"] })),
      post(paths.configmaps, { kind: "Secret", apiVersion: "v1", metadata: { name: "d" } }),
      post(paths.configmaps, { kind: "ConfigMap", apiVersion: "v2", metadata: { name: "d" } }),
      post(paths.configmaps, { metadata: { name: "plain" } }),
      post(paths.configmaps, "{"),
      post(paths.configmaps, ""),
      post(paths.configmaps, "7"),
      post(paths.configmaps, "[]"),
      post(paths.configmaps, configMap("d"), { headers: { "content-type": "text/plain" } }),
      post(`${paths.configmaps}?dryRun=Some`, configMap("d")),
      post(`${paths.configmaps}?dryRun=All`, configMap("d")),
      get(`${paths.configmaps}/d`),
      post(paths.configmaps, { metadata: { generateName: "made-", labels: {}, annotations: { x: "" } } }),
      post(
        paths.nodes,
        node("a", {
          spec: {
            taints: [
              { key: "k", effect: "Sometimes" },
              { key: "", effect: "NoSchedule" },
            ],
          },
        }),
      ),
      post(paths.nodes, node("a", { spec: { taints: "x" } })),
      post(paths.nodes, node("a", { spec: { unschedulable: "yes" } })),
    ],
  },
  {
    name: "bodies that are too large",
    steps: [
      post(paths.configmaps, { metadata: { name: "c", annotations: { big: "x".repeat(262_145) } } }),
      post(paths.configmaps, { metadata: { name: "c", annotations: { big: "x".repeat(262_141) } } }),
      post(paths.configmaps, { metadata: { name: "d" }, data: { big: "x".repeat(3_200_000) } }),
      merge(one, { data: { big: "x".repeat(3_200_000) } }),
      merge(one, { metadata: { annotations: { more: "x" } } }),
    ],
  },
  {
    name: "replacements and stale versions",
    steps: [
      post(paths.configmaps, configMap("c"), { as: "c" }),
      put(
        one,
        { ...object("c"), metadata: { name: "c", resourceVersion: "$(c.metadata.resourceVersion)" }, data: { a: "2" } },
        { as: "second" },
      ),
      put(one, {
        ...object("c"),
        metadata: { name: "c", resourceVersion: "$(c.metadata.resourceVersion)" },
        data: { a: "3" },
      }),
      put(one, { ...object("c"), data: { a: "4" } }),
      put(one, { ...object("c"), metadata: { name: "c", uid }, data: { a: "5" } }),
      put(one, { ...object("other") }),
      put(one, { ...object("c"), metadata: {} }),
      put(one, { ...object("c"), metadata: { name: "c", resourceVersion: "word" } }),
      put(one, { ...object("c"), metadata: { name: "c", resourceVersion: "$(second.metadata.resourceVersion)9" } }),
      put(`${one}?dryRun=All`, { ...object("c"), data: { a: "6" } }),
      get(one),
      put(one, { ...object("c"), data: { a: "4" } }),
      put(one, "{"),
      put(one, { ...object("c"), metadata: { name: "c", namespace: "elsewhere" } }),
    ],
  },
  {
    name: "a replaced Node keeps its status, and a replaced status its Node",
    steps: [
      post(paths.nodes, node("a"), { as: "a" }),
      merge(nodePath("a", "/status"), { status: { nodeInfo: info("boot-1"), conditions: [ready] } }, { as: "b" }),
      put(nodePath("a"), { ...shell("a"), spec: { unschedulable: true } }),
      put(nodePath("a", "/status"), {
        ...shell("a"),
        spec: { unschedulable: false },
        status: { nodeInfo: info("boot-2") },
      }),
      put(nodePath("a", "/status"), { ...shell("a"), metadata: { name: "$(ns)-a", labels: { from: "status" } } }),
      put(nodePath("a"), {
        ...shell("a"),
        metadata: { name: "$(ns)-a", resourceVersion: "$(a.metadata.resourceVersion)" },
      }),
      get(nodePath("a")),
    ],
  },
  {
    name: "deletions",
    steps: [
      post(paths.configmaps, configMap("c"), { as: "c" }),
      remove(one, { preconditions: { uid } }),
      remove(one, { preconditions: { uid: "$(c.metadata.uid)", resourceVersion: "1" } }),
      remove(one, { dryRun: ["All"] }),
      remove(one, { dryRun: ["Some"] }),
      remove(`${one}?dryRun=All`),
      remove(one, "{"),
      remove(one, { preconditions: { uid: "$(c.metadata.uid)", resourceVersion: "$(c.metadata.resourceVersion)" } }),
      remove(one),
      post(paths.nodes, node("a")),
      remove(nodePath("a")),
      get(nodePath("a")),
      post(paths.leases, lease("l")),
      remove(`${paths.leases}/l`, { kind: "DeleteOptions", apiVersion: "v1" }),
    ],
  },
  {
    name: "deletions that wait",
    steps: [
      post(paths.configmaps, configMap("c", { finalizers: ["kured.dev/held"] })),
      remove(one),
      remove(one),
      merge(one, { metadata: { annotations: { late: "x" } } }),
      merge(one, { metadata: { finalizers: null } }),
      get(one),
      post(paths.pods, pod("p")),
      remove(`${paths.pods}/p`, { gracePeriodSeconds: 20 }),
      remove(`${paths.pods}/p`, { gracePeriodSeconds: 40 }),
      remove(`${paths.pods}/p`),
      remove(`${paths.pods}/p`, { gracePeriodSeconds: 10 }),
      get(`${paths.pods}/p`),
      remove(`${paths.pods}/p`, { gracePeriodSeconds: 0 }),
      get(`${paths.pods}/p`),
      post(paths.pods, pod("q", { waits: true })),
      remove(`${paths.pods}/q`),
      post(paths.pods, pod("r")),
      remove(`${paths.pods}/r?gracePeriodSeconds=5`),
      remove(`${paths.pods}/r`, { gracePeriodSeconds: -3 }),
    ],
  },
];

function object(name: string): {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly name: string };
} {
  return { kind: "ConfigMap", apiVersion: "v1", metadata: { name } };
}

function shell(name: string): {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly name: string };
} {
  return { kind: "Node", apiVersion: "v1", metadata: { name: `$(ns)-${name}` } };
}

function info(bootID: string): { readonly bootID: string } {
  return { bootID };
}
