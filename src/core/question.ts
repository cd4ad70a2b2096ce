import type { DaemonSetState } from "./drain/options.ts";
import type { BudgetSighting } from "./drain/disruption-budget.ts";
import type { PodFacts } from "./drain/pod.ts";
import type { EvictionOutcome } from "./drain/refusals.ts";
import type { NodeTerm } from "./feasibility/placement.ts";
import type { HolderNode } from "./lock/standing.ts";
import type { Now } from "./now.ts";
import type { GateState } from "./policy/gate.ts";

/**
 * An observation that deciding wants. The loop sees to it and is woken by the answer; one that is backed by a watch
 * is always fresh and costs nothing. A question that is no longer asked may be dropped. `freshForMs` is the age up to
 * which an answer will do: infinity means that any answer does, and 0 is only ever asked for an instant.
 */
export type Question =
  /** The nodes of the view, at most this old. */
  | { readonly kind: "nodes"; readonly freshForMs: number }
  /** The DaemonSet with the ledger, at most this old. */
  | { readonly kind: "ledger"; readonly freshForMs: number }
  /** All pods of a node. */
  | { readonly kind: "pods"; readonly node: string; readonly freshForMs: number }
  /** Whether the DaemonSet that controls a pod exists. */
  | { readonly kind: "daemonSet"; readonly namespace: string; readonly name: string; readonly freshForMs: number }
  /** Whether a Node exists, asked of the API server itself and never of a cache. */
  | { readonly kind: "nodeExists"; readonly node: string; readonly freshForMs: number }
  /** The disruption budgets of a namespace: only asked so that one that opens is noticed at once, with its numbers. */
  | { readonly kind: "budgets"; readonly namespace: string; readonly freshForMs: number }
  /** What is attached to a node, by the VolumeAttachments. */
  | { readonly kind: "volumeAttachments"; readonly node: string; readonly freshForMs: number }
  /** How many replicas an owner of pods lacks. */
  | {
      readonly kind: "replicas";
      readonly ownerKind: ReplicatedKind;
      readonly namespace: string;
      readonly name: string;
      readonly freshForMs: number;
    }
  /** Which nodes the volume behind a PersistentVolumeClaim is bound to. */
  | { readonly kind: "volume"; readonly namespace: string; readonly claim: string; readonly freshForMs: number }
  /** What an eviction of this pod would be answered now, where nothing else tells; nothing is evicted. */
  | {
      readonly kind: "dryRun";
      readonly namespace: string;
      readonly pod: string;
      readonly uid: string;
      readonly freshForMs: number;
    }
  /** Whether a gate is open: for one node, or without one for the whole fleet. */
  | { readonly kind: "gate"; readonly gate: string; readonly node?: string; readonly freshForMs: number };

/** Who keeps a number of replicas of a pod, by the names of the API's collections. */
export type ReplicatedKind = (typeof replicatedKinds)[number];

/** All of them. */
export const replicatedKinds = ["replicasets", "statefulsets", "replicationcontrollers"] as const;

/** What was observed, and when the request for it was sent (monotonic). */
export type Answer = {
  readonly observedAtMs: number;
} & (
  | { readonly kind: "pods"; readonly pods: readonly PodFacts[] }
  | { readonly kind: "daemonSet"; readonly state: DaemonSetState }
  | { readonly kind: "nodeExists"; readonly node: HolderNode }
  /** By name, also those that are gone: they were last seen when they opened for good. */
  | { readonly kind: "budgets"; readonly budgets: ReadonlyMap<string, BudgetSighting> }
  /** Names of the PersistentVolumes, or of the attachments of what is none; `forbidden` where we may not list them. */
  | { readonly kind: "volumeAttachments"; readonly volumes: readonly string[] | "forbidden" }
  | { readonly kind: "replicas"; readonly missing: number }
  /** Absent for a volume that every node reaches, and where it may not be read. */
  | { readonly kind: "volume"; readonly nodes?: readonly NodeTerm[] }
  | { readonly kind: "dryRun"; readonly outcome: EvictionOutcome }
  /** `answeredAtMs` is when it was known (monotonic): others may take seconds for an answer, which is not old then. */
  | { readonly kind: "gate"; readonly state: GateState; readonly answeredAtMs?: number }
  /** It could not be asked; `reason` is for people. */
  | { readonly kind: "failed"; readonly reason: string }
);

/** Where an answer is found in the view. */
export function questionKey(question: Question): string {
  switch (question.kind) {
    case "nodes":
    case "ledger":
      return question.kind;
    case "pods":
    case "nodeExists":
    case "volumeAttachments":
      return `${question.kind}/${question.node}`;
    case "daemonSet":
      return `daemonSet/${question.namespace}/${question.name}`;
    case "replicas":
      return `replicas/${question.ownerKind}/${question.namespace}/${question.name}`;
    case "budgets":
      return `budgets/${question.namespace}`;
    case "volume":
      return `volume/${question.namespace}/${question.claim}`;
    case "dryRun":
      return `dryRun/${question.uid}`;
    case "gate":
      return question.node === undefined ? `gate/${question.gate}` : `gate/${question.gate}/${question.node}`;
  }
}

/** The age up to which an answer was observed at `instantMs` or later, and is at most `freshForMs` old. */
export function newerThan(instantMs: number, { now, freshForMs }: { now: Now; freshForMs: number }): number {
  return Math.max(0, Math.min(freshForMs, now.monotonicMs - instantMs));
}
