import type { EvictionOrder } from "./drain/evictable.ts";
import type { DrainPlan } from "./drain/plan.ts";
import type { PodFacts } from "./drain/pod.ts";
import type { Question } from "./question.ts";
import type { Reason } from "./verdict/reason.ts";

/**
 * What one decider keeps from one decision to the next, so that in a fleet of thousands only what has changed is worked
 * out again. All of it follows from objects of earlier views, which are never changed, and counts only where the very
 * same objects are met again: a decision is the same with it and without it.
 */
export interface Memory {
  /** By the pods of a node as they were seen. */
  readonly plans: WeakMap<readonly PodFacts[], Kept<NodePlan>>;
  /** By the same: which DaemonSets have any of them (`namespace/name`). */
  readonly daemonSets: WeakMap<readonly PodFacts[], Kept<readonly string[]>>;
  /** By the same: why the agent's pod is none to count on; empty where it is one. */
  readonly agents: WeakMap<readonly PodFacts[], Kept<string>>;
  /** By the same: those that a drain would evict. */
  readonly evicted: WeakMap<readonly PodFacts[], Kept<readonly PodFacts[]>>;
  /** By the budgets of a namespace: which pods they are about. */
  readonly selectors: WeakMap<object, Kept<string>>;
  /** The questions for budgets by their namespaces, so that all nodes ask the very same ones. */
  readonly budgetQuestions: Map<string, Question>;
  readonly situations: WeakMap<DrainPlan, KeptSituation>;
}

/** What was made, and of what else than the object that it is kept by. */
export interface Kept<Value> {
  readonly from: readonly unknown[];
  readonly value: Value;
}

/** The plan of a node's drain, and what it still asks for. */
export interface NodePlan {
  readonly plan: DrainPlan;
  readonly questions: readonly Question[];
}

/** How a drain stands, whatever the time is. */
export interface DrainSituation {
  /** Something of it has been tried. */
  readonly begun: boolean;
  /** A pod is on its way out, or the eviction of one that was not tried again since has been let go. */
  readonly leaving: boolean;
  /** When (monotonic) the last of them was let go; minus infinity if none was. */
  readonly letGoAtMs: number;
  readonly inFlight: boolean;
  /** A pod is waited for that is not evicted, or that somebody else moves. */
  readonly waits: boolean;
  readonly order: EvictionOrder;
  /** What is said while something goes, and what otherwise. */
  readonly reasons: { readonly going: Reason; readonly standing: Reason };
  readonly budgets: readonly Question[];
}

/** A situation, and all that it was made of beside the plan. */
export interface KeptSituation {
  readonly value: DrainSituation;
  readonly policy: object;
  /** What is known of evicting each pod of the plan, by its key. */
  readonly attempts: readonly { readonly key: string; readonly attempt: unknown }[];
  /** What was last seen of each budget that refused one, and the key of the question for it. */
  readonly refusals: readonly { readonly key: string; readonly budget: string; readonly sighting: unknown }[];
  /** Which pods the budgets of each namespace are about (the text), by the key of the question for them. */
  readonly selectors: readonly {
    readonly key: string;
    readonly budgets: object | undefined;
    readonly text: string | undefined;
  }[];
}

/** A memory of nothing, for one decider and its one policy. */
export function createMemory(): Memory {
  return {
    plans: new WeakMap(),
    daemonSets: new WeakMap(),
    agents: new WeakMap(),
    evicted: new WeakMap(),
    selectors: new WeakMap(),
    budgetQuestions: new Map(),
    situations: new WeakMap(),
  };
}

/** What is kept by `by`, if it was made from the same; else what `make` makes now. */
export function recalled<By extends object, Value>(
  shelf: WeakMap<By, Kept<Value>> | undefined,
  { by, from, make }: { readonly by: By; readonly from: readonly unknown[]; readonly make: () => Value },
): Value {
  const kept = shelf?.get(by);
  if (kept && kept.from.length === from.length && kept.from.every((one, index) => one === from[index]))
    return kept.value;
  const value = make();
  shelf?.set(by, { from, value });
  return value;
}
