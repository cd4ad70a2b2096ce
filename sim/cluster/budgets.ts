import { at, numberAt, objectAt, sameJson, textAt, textsOf } from "../apiserver/objects/json.ts";
import type { Json, JsonObject } from "../apiserver/objects/json.ts";
import { isTerminating } from "../apiserver/objects/object.ts";
import type { KubeObject } from "../apiserver/objects/object.ts";
import { guards } from "../apiserver/eviction/disruption-budget.ts";
import { conditionStatus, withCondition } from "./conditions.ts";
import type { Controller, Scene } from "./scene.ts";
import { isFinished, ownerUid } from "./seen-pods.ts";

/** The disruption controller: counts each budget's healthy pods and says how many more may go. */
export const budgets: Controller = {
  reads: [
    { plural: "poddisruptionbudgets", group: "policy" },
    { plural: "pods" },
    { plural: "replicasets", group: "apps" },
    { plural: "deployments", group: "apps" },
  ],
  step: stepBudgets,
};

function stepBudgets(scene: Scene): void {
  for (const budget of scene.server.objects("poddisruptionbudgets", { group: "policy" })) {
    const status = statusOf(budget, scene);
    if (sameJson(at(budget, "status"), status)) continue;
    const namespace = textAt(budget, "metadata", "namespace") ?? "";
    scene.admin.setStatus(
      `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets/${budget.metadata.name}`,
      status,
    );
  }
}

/** An eviction whose pod is still there after this long has not happened. */
const evictionForgottenMs = 120_000;

function statusOf(budget: KubeObject, scene: Scene): JsonObject {
  const { server, nowMs, lookAgainAt } = scene;
  const pods = server.objects("pods").filter((pod) => guards(budget, pod) && !isFinished(pod));
  const disruptedPods = stillEvicted(budget, { pods, nowMs });
  for (const [, time] of textsOf(disruptedPods)) lookAgainAt(Date.parse(time) + evictionForgottenMs);
  const healthy = pods.filter(
    (pod) =>
      conditionStatus(pod, "Ready") === "True" &&
      !isTerminating(pod) &&
      at(disruptedPods, pod.metadata.name) === undefined,
  );
  const { expected, desired } = demand(budget, { pods, scene });
  const allowed = expected === 0 ? 0 : Math.max(0, healthy.length - desired);
  const condition = {
    type: "DisruptionAllowed",
    status: allowed > 0 ? "True" : "False",
    reason: allowed > 0 ? "SufficientPods" : "InsufficientPods",
    message: "",
  } as const;
  return {
    ...(Object.keys(disruptedPods).length > 0 && { disruptedPods }),
    conditions: withCondition(budget, { condition, nowMs }),
    currentHealthy: healthy.length,
    desiredHealthy: desired,
    disruptionsAllowed: allowed,
    expectedPods: expected,
    observedGeneration: numberAt(budget, "metadata", "generation"),
  };
}

/** Evictions that the server has charged and whose pods have not yet begun to end. */
function stillEvicted(
  budget: KubeObject,
  { pods, nowMs }: { readonly pods: readonly KubeObject[]; readonly nowMs: number },
): JsonObject {
  const waiting = textsOf(objectAt(budget, "status", "disruptedPods")).filter(([name, time]) => {
    const pod = pods.find(({ metadata }) => metadata.name === name);
    return pod !== undefined && !isTerminating(pod) && nowMs - Date.parse(time) < evictionForgottenMs;
  });
  return Object.fromEntries(waiting);
}

interface Demand {
  readonly expected: number;
  readonly desired: number;
}

function demand(
  budget: KubeObject,
  { pods, scene }: { readonly pods: readonly KubeObject[]; readonly scene: Scene },
): Demand {
  const maxUnavailable = at(budget, "spec", "maxUnavailable");
  const minAvailable = at(budget, "spec", "minAvailable") ?? (maxUnavailable === undefined ? 1 : undefined);
  // Only a whole number of healthy pods can be demanded without knowing how many there ought to be.
  if (typeof minAvailable === "number") return { expected: pods.length, desired: minAvailable };
  const expected = replicasOf(pods, scene);
  const desired =
    minAvailable === undefined ? expected - share(maxUnavailable, expected) : share(minAvailable, expected);
  return { expected, desired: Math.max(0, desired) };
}

/** What the pods' controllers ask for; a pod without one counts once. */
function replicasOf(pods: readonly KubeObject[], { server }: Scene): number {
  const owners = new Set(pods.map(ownerUid));
  const sets = server.objects("replicasets", { group: "apps" });
  return [...owners].reduce((sum, uid) => {
    const set = sets.find(({ metadata }) => metadata.uid === uid);
    const deployment =
      set && server.objects("deployments", { group: "apps" }).find(({ metadata }) => metadata.uid === ownerUid(set));
    return sum + (numberAt(deployment ?? set, "spec", "replicas") ?? 1);
  }, 0);
}

/** A number, or a percentage of the whole, rounded up. */
function share(value: Json | undefined, whole: number): number {
  if (typeof value === "number") return value;
  const percent = /^(\d+)%$/.exec(typeof value === "string" ? value : "")?.[1];
  return Math.ceil((Number(percent ?? "0") * whole) / 100);
}
