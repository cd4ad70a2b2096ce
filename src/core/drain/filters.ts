import type { DrainScene, LeaveReason } from "./options.ts";
import { isFinished } from "./pod.ts";
import type { PodFacts } from "./pod.ts";

/** What kubectl's filters say of one pod. */
export type FilterStatus =
  | { readonly kind: "remove"; readonly warning?: string }
  | { readonly kind: "leave"; readonly reason: LeaveReason; readonly warning?: string }
  /** The DaemonSet `namespace/name` must be looked up first. */
  | { readonly kind: "ask"; readonly daemonSet: string }
  | { readonly kind: "refuse"; readonly message: string };

/**
 * kubectl's filters in kubectl's order. The first that does not remove the pod decides; among those that do, the
 * last does, whose warning replaces the earlier ones.
 */
export function filterPod(pod: PodFacts, scene: DrainScene): FilterStatus {
  let status: FilterStatus = { kind: "remove" };
  for (const filter of [skipDeleted, daemonSet, mirror, localStorage, unreplicated]) {
    status = filter(pod, scene);
    if (status.kind !== "remove") return status;
  }
  return status;
}

/** The `namespace/name` of the DaemonSet that a pod names as its controller; undefined for all other pods. */
export function daemonSetOf({ namespace, controller }: PodFacts): string | undefined {
  // Other versions of the API are no DaemonSets to kubectl, so it evicts their pods.
  if (controller?.kind !== "DaemonSet" || controller.apiVersion !== "apps/v1") return undefined;
  return `${namespace}/${controller.name}`;
}

function skipDeleted({ deletionTimestampMs }: PodFacts, { options, wallMs }: DrainScene): FilterStatus {
  const { skipWaitForDeleteSeconds } = options;
  if (skipWaitForDeleteSeconds <= 0 || deletionTimestampMs === undefined) return { kind: "remove" };
  const overdueSeconds = Math.floor((wallMs - deletionTimestampMs) / 1000);
  return overdueSeconds > skipWaitForDeleteSeconds ? { kind: "leave", reason: "skippedDeletion" } : { kind: "remove" };
}

function daemonSet(pod: PodFacts, { options, daemonSets }: DrainScene): FilterStatus {
  const key = daemonSetOf(pod);
  if (key === undefined || isFinished(pod)) return { kind: "remove" };
  const state = daemonSets.get(key);
  if (state === undefined) return { kind: "ask", daemonSet: key };
  if (state === "unknown") return { kind: "refuse", message: `Pods whose DaemonSet ${key} cannot be looked up` };
  if (state === "gone") {
    const notFound = `daemonsets.apps "${pod.controller?.name ?? ""}" not found`;
    return options.force ? { kind: "remove", warning: notFound } : { kind: "refuse", message: notFound };
  }
  return options.ignoreDaemonSets
    ? { kind: "leave", reason: "daemonSet", warning: "ignoring DaemonSet-managed Pods" }
    : { kind: "refuse", message: "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)" };
}

function mirror(pod: PodFacts): FilterStatus {
  return pod.mirror ? { kind: "leave", reason: "mirror" } : { kind: "remove" };
}

function localStorage(pod: PodFacts, { options }: DrainScene): FilterStatus {
  if (!pod.hasEmptyDir || isFinished(pod)) return { kind: "remove" };
  return options.deleteEmptyDirData
    ? { kind: "remove", warning: "deleting Pods with local storage" }
    : { kind: "refuse", message: "Pods with local storage (use --delete-emptydir-data to override)" };
}

function unreplicated(pod: PodFacts, { options }: DrainScene): FilterStatus {
  if (isFinished(pod) || pod.controller !== undefined) return { kind: "remove" };
  return options.force
    ? { kind: "remove", warning: "deleting Pods that declare no controller" }
    : { kind: "refuse", message: "Pods that declare no controller (use --force to override)" };
}
