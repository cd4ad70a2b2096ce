import type { DisruptionBudget } from "../drain/disruption-budget.ts";
import { daemonSetOf } from "../drain/filters.ts";
import { planDrain } from "../drain/plan.ts";
import { isFinished, podTitle, type PodFacts } from "../drain/pod.ts";
import type { NodeFacts } from "../fleet/node.ts";
import { recalled } from "../memory.ts";
import { questionKey, type Answer, type Question } from "../question.ts";
import type { Scene } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import { neverEvicted } from "./budgets.ts";
import { dryRunRefusal, dryRunsFor } from "./dry-runs.ts";
import { nowhereElse } from "./elsewhere.ts";
import type { Infeasibility } from "./infeasibility.ts";
import type { NodeTerm } from "./placement.ts";

/** What is known of a drain that has not been begun. `questions` are what to go on asking. */
export interface Feasibility {
  /** Something that was never answered yet is missing; what failed is not waited for. */
  readonly unknown: boolean;
  /** The pods that it would have trouble with. */
  readonly reason: Extract<Reason, { code: "DrainInfeasible" }> | undefined;
  readonly questions: readonly Question[];
}

/**
 * Whether the node's drain could go well, before anything is touched. Only this node's pods are asked for, the budgets
 * of their namespaces, the volumes that they claim, and, where budgets cannot be read, one dry-run eviction for each
 * owner.
 */
export function feasibility({ name }: NodeFacts, scene: Scene): Feasibility {
  const { view, policy } = scene;
  const { restingMs } = policy.freshness;
  const podsQuestion: Question = { kind: "pods", node: name, freshForMs: restingMs };
  const seen = view.answers.get(questionKey(podsQuestion));
  if (seen?.kind !== "pods") return { unknown: seen === undefined, reason: undefined, questions: [podsQuestion] };
  const pods = evictedPods(seen.pods, scene);
  const budgets = budgetsByNamespace(pods, scene);
  const alive = pods.filter((pod) => !isFinished(pod));
  const volumes = volumeQuestions(alive, scene);
  const dryRuns = dryRunsFor(pods, { unreadable: budgets.unreadable, scene });
  const questions = [podsQuestion, ...budgets.questions, ...volumes, ...dryRuns.values()];
  const found = [
    ...pods.flatMap((pod) => never(pod, budgets.known.get(pod.namespace)) ?? []),
    ...pods.flatMap((pod) => dryRunRefusal(pod, { question: dryRuns.get(pod.uid), scene }) ?? []),
    ...homeless(alive, { from: name, scene }),
  ];
  const unknown = questions.some((question) => !view.answers.has(questionKey(question)));
  const reason = reasonOf(found, scene);
  // What blocks does so whatever else there is; the rest is told when it is complete.
  return { unknown, reason: unknown && reason?.blocks !== true ? undefined : reason, questions };
}

/** Those that a drain would evict now. Whether their DaemonSets exist is left for the drain to find out. */
function evictedPods(all: readonly PodFacts[], scene: Scene): readonly PodFacts[] {
  const { policy, view } = scene;
  const make = () => findEvicted(all, scene);
  // With time alone only what takes too long to end falls out.
  if (policy.drain.skipWaitForDeleteSeconds > 0) return make();
  return recalled(view.memory?.evicted, { by: all, from: [policy], make });
}

function findEvicted(all: readonly PodFacts[], { policy, now }: Scene): readonly PodFacts[] {
  const { self, drain } = policy;
  const pods = all.filter(({ namespace, name }) => self?.namespace !== namespace || self.pod !== name);
  const daemonSets = new Map(pods.map((pod) => [daemonSetOf(pod) ?? "", "exists" as const]));
  const plan = planDrain(pods, { options: drain, daemonSets, wallMs: now.wallMs });
  return plan.pods.filter(({ kind }) => kind === "evict").map(({ pod }) => pod);
}

interface Budgets {
  readonly known: ReadonlyMap<string, readonly DisruptionBudget[]>;
  readonly unreadable: ReadonlySet<string>;
  readonly questions: readonly Question[];
}

function budgetsByNamespace(pods: readonly PodFacts[], { view, policy }: Scene): Budgets {
  const known = new Map<string, readonly DisruptionBudget[]>();
  const unreadable = new Set<string>();
  const questions: Question[] = [];
  for (const namespace of new Set(pods.map((pod) => pod.namespace))) {
    const question: Question = { kind: "budgets", namespace, freshForMs: policy.freshness.restingMs };
    const answer: Answer | undefined = view.answers.get(questionKey(question));
    questions.push(question);
    if (answer?.kind === "failed") unreadable.add(namespace);
    if (answer?.kind !== "budgets") continue;
    const there = Array.from(answer.budgets.values()).filter(({ gone }) => gone === undefined);
    known.set(
      namespace,
      there.map(({ budget }) => budget),
    );
  }
  return { known, unreadable, questions };
}

function never(pod: PodFacts, budgets: readonly DisruptionBudget[] = []): Infeasibility | undefined {
  const sentence = neverEvicted(pod, budgets);
  return sentence === undefined ? undefined : { pod: podTitle(pod), sentence, surely: true };
}

/**
 * Pods that have not ended and whose owner would replace them, but on no other node. All pods of one owner are taken to
 * be alike.
 */
function homeless(
  pods: readonly PodFacts[],
  { from, scene }: { readonly from: string; readonly scene: Scene },
): readonly Infeasibility[] {
  const { view, policy } = scene;
  const comesBack = ({ record }: NodeFacts) => record.kind === "record" && record.record.owner === policy.owner;
  const asked = new Set<string>();
  const known = new Map<string, string | undefined>();
  return pods.flatMap((pod) => {
    const owner = pod.controller?.uid;
    if (owner === undefined || (asked.has(owner) && pod.placement?.claims === undefined)) return [];
    asked.add(owner);
    const volumes = claimsOf(pod).flatMap((claim) => boundTo(claim, scene) ?? []);
    const sentence = nowhereElse(pod, { from, nodes: view.nodes, comesBack, volumes, known });
    return sentence === undefined ? [] : [{ pod: podTitle(pod), sentence, surely: false }];
  });
}

function volumeQuestions(pods: readonly PodFacts[], { policy }: Scene): readonly Question[] {
  return pods.flatMap((pod) =>
    claimsOf(pod).map((claim): Question => ({ ...claim, freshForMs: Math.max(hourMs, policy.freshness.restingMs) })),
  );
}

/** What a volume is bound to hardly ever changes. */
const hourMs = 60 * 60_000;

function claimsOf({
  namespace,
  placement,
}: PodFacts): readonly Omit<Extract<Question, { kind: "volume" }>, "freshForMs">[] {
  return (placement?.claims ?? []).map((claim) => ({ kind: "volume", namespace, claim }));
}

/** In a list of its own, because a volume that is bound to nothing adds no condition. */
function boundTo(
  claim: Omit<Extract<Question, { kind: "volume" }>, "freshForMs">,
  { view }: Scene,
): readonly (readonly NodeTerm[])[] | undefined {
  const answer = view.answers.get(questionKey({ ...claim, freshForMs: 0 }));
  return answer?.kind === "volume" && answer.nodes !== undefined ? [answer.nodes] : undefined;
}

function reasonOf(found: readonly Infeasibility[], scene: Scene): Feasibility["reason"] {
  const blocking = found.filter((one) => blocks(one, scene));
  const told = blocking.length > 0 ? blocking : found;
  if (told.length === 0) return undefined;
  const pods = told
    .toSorted((one, other) => Number(other.surely) - Number(one.surely))
    .slice(0, 10)
    .map(({ pod, sentence }) => ({ pod, sentence }));
  const left = new Set(told.map(({ pod }) => pod)).size;
  return { code: "DrainInfeasible", blocks: blocking.length > 0, left, pods };
}

function blocks({ surely }: Infeasibility, { policy }: Scene): boolean {
  const { drainFeasibility, onDrainTimeout, drainTimeoutMs, drainHardEndMs } = policy;
  if (!surely) return drainFeasibility === "strict";
  // Who lets no pod have the last word wants such a drain begun too.
  const endsAnyway = drainHardEndMs > 0 || (drainTimeoutMs > 0 && onDrainTimeout !== "abort");
  return drainFeasibility !== "warn" && !endsAnyway;
}
