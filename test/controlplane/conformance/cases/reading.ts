import type { Case } from "../step.ts";
import { get, post, put, remove } from "../step.ts";
import { configMap, node, nodePath, paths, pod } from "./objects.ts";

const partial = { accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1" };
const partialList = { accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json" };
const mine = "labelSelector=case%3D$(ns)";

/** Reads, lists, pages and selectors. */
export const reading: readonly Case[] = [
  {
    name: "create and read a Node, a ConfigMap and a Pod",
    steps: [
      post(paths.nodes, node("a")),
      get(nodePath("a")),
      get(nodePath("a", "/status")),
      post(paths.configmaps, configMap("c")),
      get(`${paths.configmaps}/c`),
      post(paths.pods, pod("p")),
      get(`${paths.pods}/p`),
      get(paths.configmaps),
      get(`${paths.nodes}?${mine}`),
    ],
  },
  {
    name: "what is not there",
    steps: [
      get(nodePath("nobody")),
      get(`${paths.pods}/nobody`),
      get(`${paths.leases}/nobody`),
      remove(`${paths.pods}/nobody`),
      put(`${paths.configmaps}/nobody`, configMap("nobody")),
      get("/api/v1/gadgets"),
      get("/api/v1/namespaces/$(ns)/gadgets/g"),
      get("/apis/gadgets.example/v1/gadgets"),
      get("/apis/apps/v7/daemonsets"),
      get("/nowhere"),
      get("/api/v1/namespaces/elsewhere/pods"),
      get("/api/v1/namespaces/elsewhere/pods/p"),
      post("/api/v1/namespaces/elsewhere/configmaps", configMap("c")),
      get(`${paths.pods}/p/gadget`),
      post(`${paths.pods}/p/gadget`, {}),
    ],
  },
  {
    name: "methods that a path does not have",
    steps: [
      put(paths.nodes, node("a")),
      post(nodePath("a"), node("a")),
      get(`${paths.pods}/p/eviction`),
      remove(nodePath("a", "/status")),
      post("/api/v1", {}),
    ],
  },
  {
    name: "pages of a list",
    steps: [
      ...["a", "b", "c", "d", "e"].map((name) =>
        post(paths.configmaps, configMap(name, { labels: { k: name < "c" ? "low" : "high" } })),
      ),
      get(`${paths.configmaps}?limit=2`, { as: "one" }),
      post(paths.configmaps, configMap("bb")),
      remove(`${paths.configmaps}/d`),
      get(`${paths.configmaps}?limit=2&continue=$(one.metadata.continue)`, { as: "two" }),
      get(`${paths.configmaps}?limit=2&continue=$(two.metadata.continue)`),
      get(`${paths.configmaps}?limit=2`),
      get(`${paths.configmaps}?limit=5`),
      get(`${paths.configmaps}?limit=1&labelSelector=k%3Dhigh`, { as: "three" }),
      get(`${paths.configmaps}?limit=1&labelSelector=k%3Dhigh&continue=$(three.metadata.continue)`),
      get(`${paths.configmaps}?limit=2&continue=nonsense`),
      get(`${paths.configmaps}?limit=x`),
    ],
  },
  {
    name: "label selectors",
    steps: [
      post(paths.nodes, node("a", { labels: { tier: "x", zone: "1" } })),
      post(paths.nodes, node("b", { labels: { tier: "y" } })),
      post(paths.nodes, node("c", { labels: { zone: "2" } })),
      ...[
        "tier%3Dx",
        "tier%3D%3Dx",
        "tier!%3Dx",
        "tier",
        "!tier",
        "tier%20in%20(x,y)",
        "tier%20notin%20(x)",
        "zone>1",
        "zone<2",
        "zone>0,tier",
        "tier%20in%20(x",
        "-a%3Db",
        "tier%3D-x-",
      ].map((selector) => get(`${paths.nodes}?${mine},${selector}`)),
    ],
  },
  {
    name: "field selectors",
    steps: [
      post(paths.nodes, node("a", { spec: { unschedulable: true } })),
      post(paths.nodes, node("b")),
      post(paths.pods, pod("p")),
      post(paths.pods, pod("q", { waits: true })),
      ...[
        "metadata.name%3D$(ns)-a",
        "spec.unschedulable%3Dtrue",
        "spec.unschedulable%3Dfalse",
        "status.phase%3DRunning",
        "metadata.name",
      ].map((selector) => get(`${paths.nodes}?${mine}&fieldSelector=${selector}`)),
      ...[
        "spec.nodeName%3D$(ns)-n",
        "spec.nodeName%3D",
        "spec.nodeName!%3D$(ns)-n",
        "status.phase!%3DPending",
        "status.phase%3DPending,metadata.name%3Dq",
        "spec.image%3Dx",
        "metadata.namespace%3D$(ns)",
      ].map((selector) =>
        get(`/api/v1/pods?labelSelector=app%3Dweb&fieldSelector=metadata.namespace%3D$(ns),${selector}`),
      ),
    ],
  },
  {
    name: "metadata only",
    steps: [
      post(paths.nodes, node("a", { annotations: { note: "x" } })),
      get(nodePath("a"), { headers: partial }),
      get(`${paths.nodes}?${mine}`, { headers: partialList }),
      get(`${paths.nodes}?${mine}`, { headers: partial }),
      get(nodePath("a"), { headers: { accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1" } }),
      get(nodePath("a"), { headers: { accept: "text/html" } }),
      get(nodePath("a"), { headers: { accept: "application/json;as=Gadget;g=x;v=v1, application/json" } }),
      post(paths.nodes, node("b"), { headers: partial }),
    ],
  },
  {
    name: "versions that readers ask for",
    steps: [
      post(paths.configmaps, configMap("c"), { as: "c" }),
      get(`${paths.configmaps}/c?resourceVersion=0`),
      get(`${paths.configmaps}/c?resourceVersion=$(c.metadata.resourceVersion)`),
      get(`${paths.configmaps}?resourceVersion=0`),
      get(`${paths.configmaps}?resourceVersion=$(c.metadata.resourceVersion)&resourceVersionMatch=NotOlderThan`),
      get(`${paths.configmaps}?resourceVersion=$(c.metadata.resourceVersion)&resourceVersionMatch=Exact`),
      get(`${paths.configmaps}?resourceVersion=word`),
      get(`${paths.configmaps}/c?resourceVersion=word`),
      get(`${paths.configmaps}?resourceVersionMatch=Exact`),
      get(`${paths.configmaps}?resourceVersion=1&resourceVersionMatch=Gadget`),
    ],
  },
];
