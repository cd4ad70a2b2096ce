import { podTitle } from "./pod.ts";
import type { PodFacts } from "./pod.ts";

/** How one eviction request ended, by what can be done about it. `retryAfterMs` is the answer's wish for silence. */
export type EvictionOutcome =
  /** Accepted: the pod now terminates. */
  | { readonly kind: "evicted" }
  /** 404: there is no such pod any more. */
  | { readonly kind: "gone" }
  /** 409 on our uid: another pod has the name now, perhaps on another node, and is none of our business. */
  | { readonly kind: "otherPod" }
  /** 429: it would violate a disruption budget. Numbers where the answer or the budget object told them. */
  | {
      readonly kind: "budgetRefused";
      /** The API server's words. */
      readonly text: string;
      /** The PodDisruptionBudget's name; its namespace is the pod's. */
      readonly budget?: string;
      readonly neededHealthy?: number;
      readonly currentHealthy?: number;
      /** How many pods the budget counts; only the budget object says it. */
      readonly expectedPods?: number;
    }
  /** 429: the disruption controller has not looked at the budget since it changed. */
  | { readonly kind: "budgetPending"; readonly budget?: string; readonly retryAfterMs?: number }
  /** 500: more than one budget covers the pod, and the API server then evicts it never. */
  | { readonly kind: "severalBudgets" }
  /** 429 by an admission webhook, as KubeVirt's says that it moves a virtual machine first; `text` is the webhook's. */
  | { readonly kind: "postponed"; readonly text: string; readonly retryAfterMs?: number }
  /** 429 by the API server's own load control. */
  | { readonly kind: "throttled"; readonly retryAfterMs?: number }
  /** 403 because the pod's namespace is being deleted, which removes the pod as well. */
  | { readonly kind: "terminatingNamespace" }
  /** 403 for any other reason; `text` is the API server's. */
  | { readonly kind: "forbidden"; readonly text: string }
  /** Any other refusal; `text` is the API server's. */
  | { readonly kind: "failed"; readonly text: string; readonly retryAfterMs?: number }
  /** No answer: the eviction may or may not have been accepted. */
  | { readonly kind: "unreachable" };

/** Let go, or not there any more, though a list of before may not show it yet. */
export function isLetGo({ kind }: EvictionOutcome): boolean {
  return kind === "evicted" || kind === "gone" || kind === "otherPod";
}

/** A sentence for people on why the pod is still there, or undefined where it was not refused. */
export function refusalSentence(pod: PodFacts, outcome: EvictionOutcome): string | undefined {
  const title = `pod ${podTitle(pod)}`;
  switch (outcome.kind) {
    case "evicted":
    case "gone":
    case "otherPod":
      return undefined;
    case "budgetRefused":
      return budgetSentence(pod, outcome);
    case "budgetPending":
      return `PDB ${budgetTitle(pod, outcome.budget)}: its controller has not counted the pods yet.`;
    case "severalBudgets":
      return `More than one PodDisruptionBudget covers ${title}, so the API server never evicts it.`;
    case "postponed":
      return `Evicting ${title} was put off: ${outcome.text}`;
    case "throttled":
      return `The API server is too busy to evict ${title}.`;
    case "terminatingNamespace":
      return `The namespace ${pod.namespace} is being deleted, and ${title} with it.`;
    case "forbidden":
      return `Evicting ${title} is forbidden: ${outcome.text}`;
    case "failed":
      return `Evicting ${title} failed: ${outcome.text}`;
    case "unreachable":
      return `The API server did not answer the eviction of ${title}.`;
  }
}

/**
 * The budget whose refusal or silence keeps the pod, as `namespace/name`; "" as the name where the answer does not
 * tell it. Undefined for all outcomes that are not about one budget.
 */
export function refusingBudget({ namespace }: PodFacts, outcome: EvictionOutcome): string | undefined {
  if (outcome.kind !== "budgetRefused" && outcome.kind !== "budgetPending") return undefined;
  return `${namespace}/${outcome.budget ?? ""}`;
}

/** What the API server's cause of type DisruptionBudget says; undefined where it is worded in another way. */
export function readBudgetCause(
  message: string,
): { readonly budget: string; readonly neededHealthy: number; readonly currentHealthy: number } | undefined {
  const found = /^The disruption budget (\S+) needs (\d+) healthy pods and has (\d+) currently/.exec(message);
  if (found === null) return undefined;
  const [, budget = "", needed, current] = found;
  return { budget, neededHealthy: Number(needed), currentHealthy: Number(current) };
}

function budgetSentence(
  pod: PodFacts,
  { budget, neededHealthy, currentHealthy, expectedPods, text }: EvictionOutcome & { kind: "budgetRefused" },
): string {
  const title = budgetTitle(pod, budget);
  if (neededHealthy === undefined || currentHealthy === undefined) return `PDB ${title}: ${text}`;
  const healthy = expectedPods === undefined ? `${currentHealthy}` : `${currentHealthy} of ${expectedPods}`;
  return `PDB ${title}: ${healthy} healthy, needs ${neededHealthy}.`;
}

function budgetTitle(pod: PodFacts, budget: string | undefined): string {
  return budget === undefined ? `of pod ${podTitle(pod)}` : `${pod.namespace}/${budget}`;
}
