import { policyLabel } from "../admission.ts";
import type { Case } from "../step.ts";
import { asked, get, jsonPatch, merge, post, put, remove } from "../step.ts";
import { configMap, eviction, lease, node, nodePath, paths, pod } from "./objects.ts";

const lock = `${paths.leases}/l`;
const reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/** Leases, Events, bindings, access reviews and admission. */
export const others: readonly Case[] = [
  {
    name: "Leases",
    steps: [
      post(paths.leases, lease("l"), { as: "l" }),
      post(paths.leases, lease("l")),
      put(lock, { ...leaseAt("$(l.metadata.resourceVersion)"), spec: { holderIdentity: "two" } }, { as: "m" }),
      put(lock, { ...leaseAt("$(l.metadata.resourceVersion)"), spec: { holderIdentity: "three" } }),
      put(lock, lease("l")),
      put(lock, { ...leaseAt("$(m.metadata.resourceVersion)"), spec: { holderIdentity: "", renewTime: null } }),
      post(paths.leases, lease("m", { leaseDurationSeconds: 0 })),
      post(paths.leases, lease("m", { renewTime: "2020-01-01T00:00:00Z" })),
      post(paths.leases, lease("m", { renewTime: "2020-01-01T00:00:00.123Z" })),
      post(paths.leases, lease("m", { acquireTime: "2020-01-01T02:00:00.123456+02:00", leaseTransitions: 3 })),
      put(`${paths.leases}/new`, lease("new")),
      merge(lock, { spec: { holderIdentity: "patched" } }),
      get(lock),
      get(paths.leases),
      remove(lock),
    ],
  },
  {
    name: "Events",
    steps: [
      post(paths.events, event("e")),
      post(paths.events, event("e")),
      post(paths.events, event("f", { involvedObject: { kind: "Node", name: "n" } })),
      post(
        "/api/v1/namespaces/default/events",
        event("$(ns)-node", { involvedObject: { kind: "Node", name: "n", uid: "n" } }),
      ),
      post(
        "/api/v1/namespaces/default/events",
        event("$(ns)-node", { involvedObject: { kind: "Node", name: "n", uid: "n" } }),
      ),
      post(paths.laterEvents, laterEvent("l")),
      post(paths.laterEvents, laterEvent("l")),
      post(paths.laterEvents, laterEvent("m", { eventTime: null })),
      post(paths.laterEvents, laterEvent("m", { action: "", reportingController: "" })),
      post(paths.laterEvents, laterEvent("m", { note: "x".repeat(1025) })),
      post(paths.laterEvents, laterEvent("m", { type: "Loud" })),
      get(`${paths.events}/l`),
      get(`${paths.laterEvents}/e`),
      get(`${paths.events}?fieldSelector=involvedObject.name%3Dp`),
      get(`${paths.events}?fieldSelector=reason%3DTold,type%3DNormal`),
      merge(`${paths.events}/e`, { count: 2 }),
      merge(`${paths.laterEvents}/l`, { note: "changed" }),
      merge(`${paths.laterEvents}/l`, { series: { count: 2, lastObservedTime: "2020-01-01T00:00:00.000000Z" } }),
    ],
  },
  {
    name: "binding a pod",
    steps: [
      post(paths.pods, pod("p", { waits: true })),
      post(`${paths.pods}/p/binding?dryRun=All`, binding("p")),
      post(`${paths.pods}/p/binding`, { ...binding("p"), target: {} }),
      post(`${paths.pods}/p/binding`, binding("p")),
      post(`${paths.pods}/p/binding`, binding("p")),
      post(`${paths.pods}/nobody/binding`, binding("nobody")),
      get(`${paths.pods}/p`),
      merge(`${paths.pods}/p`, { spec: { nodeName: "elsewhere" } }),
      jsonPatch(`${paths.pods}/p`, [
        { op: "replace", path: "/spec/containers/0/image", value: "registry.example/pause:4" },
      ]),
    ],
  },
  {
    name: "may I?",
    steps: [
      post(reviews, review({ resourceAttributes: { verb: "get", resource: "nodes" } })),
      post(
        reviews,
        review({
          resourceAttributes: { verb: "create", resource: "pods", subresource: "eviction", namespace: "$(ns)" },
        }),
      ),
      post(reviews, review({ nonResourceAttributes: { verb: "get", path: "/metrics" } })),
      post(reviews, review({})),
      post(reviews, "{"),
      get(reviews),
    ],
  },
  {
    name: "people without rights, and people without a name",
    steps: [
      ...(["stranger", "nobody"] as const).flatMap((who) =>
        [
          get(paths.nodes),
          get(nodePath("a")),
          get(paths.pods),
          get("/api/v1/pods"),
          get(`${paths.pods}?watch=true`),
          merge(nodePath("a"), { spec: { unschedulable: true } }),
          merge(nodePath("a", "/status"), {}),
          post(`${paths.pods}/p/eviction`, eviction("p")),
          post(`${paths.pods}/p/eviction`, "{"),
          put(lock, lease("l")),
          post(paths.laterEvents, laterEvent("l")),
          remove(nodePath("a")),
          get("/metrics"),
          get("/nowhere"),
          post(reviews, review({ resourceAttributes: { verb: "get", resource: "nodes" } })),
        ].map((step) => asked(who, step)),
      ),
      ...["/readyz", "/livez", "/version"].map((path) => asked("nobody", get(path))),
    ],
  },
  {
    name: "what a policy refuses",
    steps: [
      post(paths.nodes, node("a", { labels: { [policyLabel]: "Forbidden" } })),
      post(paths.nodes, node("a", { labels: { [policyLabel]: "Invalid" } })),
      post(paths.nodes, node("a", { labels: { [policyLabel]: "Allowed" } })),
      merge(nodePath("a"), { metadata: { labels: { [policyLabel]: "Forbidden" } } }),
      merge(nodePath("a"), { metadata: { labels: { [policyLabel]: "Invalid" } } }),
      merge(nodePath("a", "/status"), { metadata: { labels: { [policyLabel]: "Forbidden" } } }),
      merge(`${nodePath("a")}?dryRun=All`, { metadata: { labels: { [policyLabel]: "Forbidden" } } }),
      jsonPatch(nodePath("a"), [{ op: "add", path: "/metadata/labels/x", value: "1" }]),
      post(paths.configmaps, configMap("c", { labels: { [policyLabel]: "Invalid" } })),
      put(nodePath("a"), node("a", { labels: { [policyLabel]: "Forbidden", "-bad-": "x" } })),
      get(nodePath("a")),
    ],
  },
  {
    name: "health",
    steps: [get("/readyz"), get("/livez"), get("/healthz")],
  },
];

function leaseAt(resourceVersion: string): { readonly [field: string]: string | { readonly [field: string]: string } } {
  return {
    kind: "Lease",
    apiVersion: "coordination.k8s.io/v1",
    metadata: { name: "l", namespace: "$(ns)", resourceVersion },
  };
}

type Fields = Parameters<typeof lease>[1] & object;

function event(name: string, more: Fields = {}): Fields {
  return {
    kind: "Event",
    apiVersion: "v1",
    metadata: { name },
    involvedObject: { kind: "Pod", name: "p", namespace: "$(ns)" },
    reason: "Told",
    message: "something",
    type: "Normal",
    source: { component: "kured" },
    firstTimestamp: "2020-01-01T00:00:00Z",
    lastTimestamp: "2020-01-01T00:00:00Z",
    count: 1,
    ...more,
  };
}

function laterEvent(name: string, more: Fields = {}): Fields {
  return {
    kind: "Event",
    apiVersion: "events.k8s.io/v1",
    metadata: { name },
    regarding: { kind: "Pod", name: "p", namespace: "$(ns)" },
    eventTime: "2020-01-01T00:00:00.000000Z",
    reportingController: "kured.dev/coordinator",
    reportingInstance: "i",
    action: "Cordon",
    reason: "Cordoned",
    note: "something",
    type: "Normal",
    ...more,
  };
}

function binding(name: string): Fields {
  return { kind: "Binding", apiVersion: "v1", metadata: { name }, target: { kind: "Node", name: "$(ns)-n" } };
}

function review(spec: Fields): Fields {
  return { kind: "SelfSubjectAccessReview", apiVersion: "authorization.k8s.io/v1", spec };
}
