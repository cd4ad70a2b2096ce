import { formatInstant } from "../json.ts";
import { filterPod, type FilterStatus } from "./filters.ts";
import type { DrainScene, LeaveReason } from "./options.ts";
import { podTitle } from "./pod.ts";
import type { PodFacts } from "./pod.ts";
import { isExempt, treatmentOf } from "./rules.ts";
import { selects } from "./selector.ts";

/** What becomes of one pod. Those of a lower `order` (0 unless given) go first. */
export type PlannedPod =
  /** To be evicted, then waited for. */
  | { readonly kind: "evict"; readonly pod: PodFacts; readonly warning?: string; readonly order?: number }
  /** Somebody has deleted it already: waited for until it is gone. */
  | {
      readonly kind: "terminating";
      readonly pod: PodFacts;
      readonly graceEndsMs: number;
      readonly warning?: string;
      readonly order?: number;
    }
  /** Not evicted, and waited for until it has ended by itself; `by` is who wants that, for people. */
  | { readonly kind: "await"; readonly pod: PodFacts; readonly by: string; readonly order?: number }
  | { readonly kind: "leave"; readonly pod: PodFacts; readonly reason: LeaveReason; readonly warning?: string }
  /** Undecided until its DaemonSet (`namespace/name`) has been looked up. */
  | { readonly kind: "ask"; readonly pod: PodFacts; readonly daemonSet: string }
  /** The options forbid to remove it, so that nothing is evicted at all. `message` is kubectl's. */
  | { readonly kind: "refuse"; readonly pod: PodFacts; readonly message: string };

/** What draining one node means now. Order is that of the pods. */
export interface DrainPlan {
  readonly pods: readonly PlannedPod[];
  /** kubectl's warnings, each `<message>: ns/pod, ns/pod`. */
  readonly warnings: readonly string[];
  /** kubectl's reasons to evict nothing, each `cannot delete <message>: ns/pod, ns/pod`. */
  readonly refusals: readonly string[];
}

/** The plan for the pods of one node, by the rules of `kubectl drain`. Plan again whenever the pods change. */
export function planDrain(pods: readonly PodFacts[], scene: DrainScene): DrainPlan {
  const planned = pods.map((pod) => planPod(pod, scene));
  const refused = planned.map((one) => (one.kind === "refuse" ? { pod: one.pod, message: one.message } : undefined));
  const warned = planned.map((one) =>
    "warning" in one && one.warning !== undefined ? { pod: one.pod, message: one.warning } : undefined,
  );
  const refusals = listByMessage(refused).map((text) => `cannot delete ${text}`);
  return { pods: planned, warnings: listByMessage(warned), refusals };
}

/** A pod that the drain waits for, whether it evicts it or not. */
export type GoingPod = Extract<PlannedPod, { kind: "evict" | "terminating" | "await" }>;

/** Whether the pod is known to be one that must be gone before the reboot. */
export function isGoing(planned: PlannedPod): planned is GoingPod {
  return planned.kind === "evict" || planned.kind === "terminating" || planned.kind === "await";
}

/** Whether nothing is left on the node that the plan requires to be gone. */
export function emptied(plan: DrainPlan): boolean {
  return plan.pods.every(({ kind }) => kind === "leave");
}

/** A pod that is in the way. */
export type RemainingPod = Exclude<PlannedPod, { readonly kind: "leave" }>;

/** What must still go, in the order of the plan. */
export function remaining(plan: DrainPlan): readonly RemainingPod[] {
  return plan.pods.filter((planned) => planned.kind !== "leave");
}

/** A sentence for people on why it is in the way, as far as the plan tells. */
export function obstacle(planned: RemainingPod): string {
  const title = `Pod ${podTitle(planned.pod)}`;
  switch (planned.kind) {
    case "evict":
      return `${title} is still to be evicted.`;
    case "terminating":
      return `${title} is terminating; its grace period ends at ${formatInstant(planned.graceEndsMs)}.`;
    case "await":
      return `${title} is not evicted but waited for until it has completed, as ${planned.by} wants.`;
    case "ask":
      return `${title} belongs to the DaemonSet ${planned.daemonSet}, of which it is not known yet whether it exists.`;
    case "refuse":
      return `${title} may not be removed: ${planned.message}.`;
  }
}

function planPod(pod: PodFacts, scene: DrainScene): PlannedPod {
  // kubectl has the API server select, so that no filter ever sees the others.
  const { podSelector } = scene.options;
  if (podSelector !== undefined && !selects(podSelector, pod.labels)) {
    return { kind: "leave", pod, reason: "notSelected" };
  }
  const treatment = treatmentOf(pod, scene.options.rules ?? []);
  if (isExempt(pod, treatment)) return { kind: "leave", pod, reason: "exempt" };
  const status = filterPod(pod, scene);
  const order = treatment.order === 0 ? {} : { order: treatment.order };
  if (treatment.behavior === "WaitCompleted" && pod.deletionTimestampMs === undefined && mustGo(status))
    return { kind: "await", pod, by: treatment.by ?? "", ...order };
  if (status.kind !== "remove") return { ...status, pod };
  const more = { ...(status.warning !== undefined && { warning: status.warning }), ...order };
  const { deletionTimestampMs } = pod;
  if (deletionTimestampMs === undefined) return { kind: "evict", pod, ...more };
  return { kind: "terminating", pod, graceEndsMs: deletionTimestampMs, ...more };
}

/** Whether the pod is none of those that stay on any node. */
function mustGo({ kind }: FilterStatus): boolean {
  return kind === "remove" || kind === "refuse";
}

/** kubectl's form of lists, in the order in which the messages first occur. */
function listByMessage(listed: readonly ({ pod: PodFacts; message: string } | undefined)[]): readonly string[] {
  const titles = new Map<string, readonly string[]>();
  for (const one of listed) {
    if (one !== undefined) titles.set(one.message, [...(titles.get(one.message) ?? []), podTitle(one.pod)]);
  }
  return Array.from(titles, ([message, pods]) => `${message}: ${pods.join(", ")}`);
}
