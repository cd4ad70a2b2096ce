import { isFinished, type PodFacts } from "./pod.ts";
import { selects, type Selector } from "./selector.ts";

/** What becomes of a pod when its node is drained, in the words of Cluster API's MachineDrainRules. */
export type DrainBehavior =
  /** It is evicted and waited for. */
  | "Drain"
  /** It stays, and goes down with the machine. */
  | "Skip"
  /** It is not evicted, and waited for until it has ended by itself. */
  | "WaitCompleted";

/** What an operator wants done with some of the pods. */
export interface DrainRule {
  readonly behavior: DrainBehavior;
  /** Pods of a lower order go first; those of the next are not touched before they are gone. */
  readonly order: number;
  readonly podSelector: Selector;
  /** Absent for all of them. */
  readonly namespaces?: readonly string[];
  /** As it was written, for people. */
  readonly text: string;
}

/** What is to be done with one pod, and who says so (for people; absent where nobody does). */
export interface Treatment {
  readonly behavior: DrainBehavior;
  readonly order: number;
  readonly by?: string;
}

/**
 * The pod's own word decides before the rules, and of the rules the first that matches it; so it is in Cluster API,
 * whose label for pods is read too.
 */
export function treatmentOf(pod: PodFacts, rules: readonly DrainRule[]): Treatment {
  if (pod.drainRequest) return { behavior: pod.drainRequest.behavior, order: 0, by: pod.drainRequest.by };
  const rule = rules.find((one) => matches(pod, one));
  return rule === undefined
    ? { behavior: "Drain", order: 0 }
    : { behavior: rule.behavior, order: rule.order, by: `the drain rule ${rule.text}` };
}

/** Whether nothing needs to be done with the pod although a drain would remove it. */
export function isExempt(pod: PodFacts, { behavior }: Treatment): boolean {
  return behavior === "Skip" || (behavior === "WaitCompleted" && isFinished(pod));
}

function matches(pod: PodFacts, { podSelector, namespaces }: DrainRule): boolean {
  return (namespaces === undefined || namespaces.includes(pod.namespace)) && selects(podSelector, pod.labels);
}
