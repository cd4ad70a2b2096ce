import type { Case, Step } from "../step.ts";
import { get, merge, post, remove, strategic } from "../step.ts";
import { budget, budgetStatus, eviction, paths, pod, podStatus } from "./objects.ts";

const uid = "00000000-0000-4000-8000-000000000000";
const evict = (name: string, options?: Parameters<typeof eviction>[1], query = ""): Step =>
  post(`${paths.pods}/${name}/eviction${query}`, eviction(name, options));
const status = (fields: Parameters<typeof budgetStatus>[0], name = "b"): Step =>
  merge(`${paths.budgets}/${name}/status`, budgetStatus(fields));

/** A running pod, Ready unless told. */
function running(name: string, more: Parameters<typeof podStatus>[0] = {}): readonly Step[] {
  return [post(paths.pods, pod(name), { as: name }), strategic(`${paths.pods}/${name}/status`, podStatus(more))];
}

/** Evictions, with and without budgets. */
export const evicting: readonly Case[] = [
  {
    name: "evictions without a budget",
    steps: [
      ...running("p"),
      evict("p", { dryRun: ["All"] }),
      evict("p", undefined, "?dryRun=All"),
      evict("p", { preconditions: { uid } }),
      evict("p", { preconditions: { resourceVersion: "1" } }),
      evict("nobody"),
      post(`${paths.pods}/p/eviction`, eviction("other")),
      post(`${paths.pods}/p/eviction`, "{"),
      post(`${paths.pods}/p/eviction`, { kind: "Eviction", apiVersion: "policy/v7", metadata: { name: "p" } }),
      post(`${paths.pods}/p/eviction`, { metadata: { name: "p" }, deleteOptions: { dryRun: ["Some"] } }),
      get(`${paths.pods}/p`),
      evict("p", { preconditions: { uid: "$(p.metadata.uid)" }, gracePeriodSeconds: 20 }),
      get(`${paths.pods}/p`),
      evict("p"),
      get(`${paths.pods}/p`),
      evict("p", { gracePeriodSeconds: 0 }),
      get(`${paths.pods}/p`),
      post("/api/v1/namespaces/elsewhere/pods/p/eviction", {
        kind: "Eviction",
        apiVersion: "policy/v1",
        metadata: { name: "p" },
      }),
    ],
  },
  {
    name: "a budget that allows one eviction",
    steps: [
      post(paths.budgets, budget("b")),
      ...running("p"),
      ...running("q"),
      evict("p"),
      status({}),
      evict("p", { dryRun: ["All"] }),
      get(`${paths.budgets}/b`),
      evict("p", { preconditions: { uid } }),
      get(`${paths.budgets}/b`),
      status({}),
      evict("p"),
      get(`${paths.budgets}/b`),
      get(`${paths.pods}/p`),
      evict("q"),
      evict("q", { dryRun: ["All"] }),
      evict("p"),
      get(`${paths.pods}/q`),
    ],
  },
  {
    name: "how a closed budget refuses",
    steps: [
      post(paths.budgets, budget("b")),
      ...running("p"),
      status({ disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 }),
      evict("p"),
      status({ disruptionsAllowed: 0, currentHealthy: 3, desiredHealthy: 1 }),
      evict("p"),
      status({
        disruptionsAllowed: 0,
        currentHealthy: 3,
        conditions: [
          {
            type: "DisruptionAllowed",
            status: "False",
            reason: "SyncFailed",
            message: "no such controller",
            lastTransitionTime: "2020-01-01T00:00:00Z",
          },
        ],
      }),
      evict("p"),
      merge(`${paths.budgets}/b`, { spec: { minAvailable: 2 } }),
      evict("p"),
      get(`${paths.budgets}/b`),
    ],
  },
  {
    name: "pods that are past their budget",
    steps: [
      post(paths.budgets, budget("b")),
      status({ disruptionsAllowed: 0 }),
      ...running("done", { phase: "Succeeded" }),
      ...running("broken", { phase: "Failed" }),
      post(paths.pods, pod("pending")),
      post(paths.pods, pod("unbound", { waits: true })),
      ...running("going"),
      remove(`${paths.pods}/going`),
      ...["done", "broken", "pending", "unbound", "going"].map((name) => evict(name)),
      get(paths.pods),
      get(`${paths.budgets}/b`),
    ],
  },
  {
    name: "pods that are not ready",
    steps: [
      post(paths.budgets, budget("b")),
      ...running("p", { ready: false }),
      status({ disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 1 }),
      evict("p"),
      status({ disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 }),
      evict("p", { dryRun: ["All"] }),
      evict("p", { preconditions: { resourceVersion: "1" } }),
      evict("p"),
      merge(`${paths.budgets}/b`, { spec: { unhealthyPodEvictionPolicy: "AlwaysAllow" } }),
      ...running("q", { ready: false }),
      status({ observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 1 }),
      evict("q"),
      merge(`${paths.budgets}/b`, { spec: { unhealthyPodEvictionPolicy: "IfHealthyBudget" } }),
      ...running("r", { ready: false }),
      status({ observedGeneration: 3, disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 1 }),
      evict("r"),
    ],
  },
  {
    name: "two budgets for one pod",
    steps: [
      post(paths.budgets, budget("b")),
      post(paths.budgets, budget("c", { selector: {} })),
      ...running("p"),
      status({}),
      status({}, "c"),
      evict("p"),
      evict("p", { dryRun: ["All"] }),
    ],
  },
  {
    name: "budgets that are about other pods",
    steps: [
      post(paths.budgets, budget("b", { selector: { matchLabels: { app: "other" } } })),
      post(
        paths.budgets,
        budget("c", { selector: { matchExpressions: [{ key: "app", operator: "In", values: ["other"] }] } }),
      ),
      post(paths.budgets, { ...budgetWithout("d") }),
      ...running("p"),
      evict("p"),
      post(paths.budgets, budget("e", { maxUnavailable: 1 })),
      post(paths.budgets, budget("f", { selector: { matchExpressions: [{ key: "app", operator: "Gadget" }] } })),
    ],
  },
];

/** One without a selector. */
function budgetWithout(name: string): {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly minAvailable: number };
} {
  return { kind: "PodDisruptionBudget", apiVersion: "policy/v1", metadata: { name }, spec: { minAvailable: 1 } };
}
