import { decide, type Decision } from "../decide.ts";
import type { BudgetSighting, DisruptionBudget } from "../drain/disruption-budget.ts";
import type { PodFacts } from "../drain/pod.ts";
import type { NodeFacts } from "../fleet/node.ts";
import type { FeasibilityPolicy, Policy } from "../policy/policy.ts";
import type { Answer } from "../question.ts";
import type { Reason } from "../verdict/reason.ts";
import { sentence } from "../verdict/sentence.ts";
import { agentPod, answers, node, now, pod, podsAnswer, policy, reportReading, view } from "./builders.ts";

/** A pod that the budget `web` covers. */
export const web: PodFacts = pod({ labels: { app: "web" } });

/** It wants both of its two pods, and has them. */
export function budget(given: Partial<DisruptionBudget> = {}): DisruptionBudget {
  return {
    name: "web",
    resourceVersion: "1",
    selector: { requirements: [{ kind: "equals", key: "app", operator: "=", value: "web" }] },
    generation: 1,
    countedGeneration: 1,
    alwaysAllowsUnready: false,
    disruptionsAllowed: 0,
    expectedPods: 2,
    currentHealthy: 2,
    desiredHealthy: 2,
    ...given,
  };
}

/** These are there, and another one was. */
export function budgetsAnswer(budgets: readonly DisruptionBudget[]): Answer {
  const gone = { ...budget(), name: "gone" };
  const all = new Map<string, BudgetSighting>([["gone", { budget: gone, gone: true, openedAtMs: 1 }]]);
  for (const one of budgets) all.set(one.name, { budget: one });
  return { kind: "budgets", observedAtMs: now.monotonicMs, budgets: all };
}

/** What is known of the drain of `n1`. */
export interface Given {
  readonly pods: readonly PodFacts[];
  /** Of the namespace `shop`; `undefined` where they have not been seen yet. */
  readonly budgets: readonly DisruptionBudget[] | Answer | undefined;
  readonly others?: readonly NodeFacts[];
  readonly more?: Readonly<Record<string, Answer>>;
  readonly given?: Partial<Policy>;
}

/** What is decided of `n1`, beside which there is one other node unless given. */
export function decided({ pods, budgets, others = [idle], more = {}, given = {} }: Given): Decision {
  const drainFeasibility: FeasibilityPolicy = "block";
  const seen = budgets === undefined ? {} : { "budgets/shop": "kind" in budgets ? budgets : budgetsAnswer(budgets) };
  const known = answers({ "pods/n1": podsAnswer([agentPod(), ...pods]), ...seen, ...more });
  const scene = view({ nodes: [node(), ...others], answers: known });
  return decide(scene, policy({ drainFeasibility, ...given }), now);
}

const idle: NodeFacts = node({ name: "n2", report: reportReading({ need: "notRequired" }) });

/** Of the first node. */
export function reasonsOf({ verdicts }: Decision): readonly Reason[] {
  return verdicts[0]?.reasons ?? [];
}

/** The code of its decisive reason. */
export function codeOf(decision: Decision): string | undefined {
  return reasonsOf(decision)[0]?.code;
}

/** The sentence of its decisive reason. */
export function wordsOf(decision: Decision): string {
  const [reason] = reasonsOf(decision);
  return reason ? sentence(reason) : "";
}

/** Whether something of this kind is asked. */
export function asks({ questions }: Decision, kind: string): boolean {
  return questions.some((question) => question.kind === kind);
}
