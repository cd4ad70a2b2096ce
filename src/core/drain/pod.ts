import type { Placement } from "../feasibility/placement.ts";

/** What draining needs to know of a pod. */
export interface PodFacts {
  readonly namespace: string;
  readonly name: string;
  /** What identifies it: a StatefulSet's next pod has the same name. */
  readonly uid: string;
  /** "" while it is not scheduled. */
  readonly nodeName: string;
  readonly labels: Readonly<Record<string, string>>;
  /** As the API says it: Pending, Running, Succeeded, Failed or Unknown; "" where nothing is said yet. */
  readonly phase: string;
  /** Wall time at which its grace period ends, not when it was deleted; absent while nobody deletes it. */
  readonly deletionTimestampMs?: number;
  /** The owner reference with `controller: true`. Whether that object exists is not known from the pod. */
  readonly controller?: PodController;
  /** Stands for a static pod of the kubelet: evicting it achieves nothing. */
  readonly mirror: boolean;
  readonly hasEmptyDir: boolean;
  /** Names of the claims of its volumes, in its namespace; absent where it has none. */
  readonly claims?: readonly string[];
  readonly ready: boolean;
  readonly priorityClassName?: string;
  /** How long it may take to end; 30 where the API says nothing. */
  readonly terminationGraceSeconds?: number;
  /** What the pod itself asks for, by its label or annotation. */
  readonly drainRequest?: DrainRequest;
  /** Who moves the pod away since an eviction was asked for; "" where the annotation does not say it. */
  readonly evictionInProgress?: string;
  /** Where it may run; absent where any node will do. */
  readonly placement?: Placement;
}

/** A pod that is not to be evicted. */
export interface DrainRequest {
  readonly behavior: "Skip" | "WaitCompleted";
  /** Where it stands, for people. */
  readonly by: string;
}

/** Who says that it would replace the pod. */
export interface PodController {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** `namespace/name`, the form in which people and kubectl name a pod. */
export function podTitle({ namespace, name }: PodFacts): string {
  return `${namespace}/${name}`;
}

/** Whether all its containers have ended for good. */
export function isFinished({ phase }: PodFacts): boolean {
  return phase === "Succeeded" || phase === "Failed";
}

/** Whether the node or the cluster itself leans on it: such pods go last. */
export function isCritical({ priorityClassName }: PodFacts): boolean {
  return priorityClassName === "system-cluster-critical" || priorityClassName === "system-node-critical";
}
