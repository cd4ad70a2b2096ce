import { podTitle, type PodFacts } from "../drain/pod.ts";
import { refusalSentence } from "../drain/refusals.ts";
import { questionKey, type Question } from "../question.ts";
import type { Scene } from "../scene.ts";
import type { Infeasibility } from "./infeasibility.ts";

/** So many for one node, however many owners its pods have. */
const dryRunsMax = 20;

/**
 * By the uid of the pod: what is asked with a dry-run eviction, because the budgets of its namespace cannot be read.
 * One pod stands for all of its owner.
 */
export function dryRunsFor(
  pods: readonly PodFacts[],
  { unreadable, scene }: { readonly unreadable: ReadonlySet<string>; readonly scene: Scene },
): ReadonlyMap<string, Question> {
  const asked = new Map<string, Question>();
  const owners = new Set<string>();
  for (const { namespace, name, uid, controller } of pods) {
    const owner = controller?.uid ?? uid;
    if (!unreadable.has(namespace) || owners.has(owner) || owners.size >= dryRunsMax) continue;
    owners.add(owner);
    asked.set(uid, { kind: "dryRun", namespace, pod: name, uid, freshForMs: scene.policy.freshness.restingMs });
  }
  return asked;
}

/** Why the dry run was refused. Only of two budgets on one pod is it sure that there is no use in waiting. */
export function dryRunRefusal(
  pod: PodFacts,
  { question, scene }: { readonly question: Question | undefined; readonly scene: Scene },
): Infeasibility | undefined {
  const answer = question && scene.view.answers.get(questionKey(question));
  if (answer?.kind !== "dryRun") return undefined;
  const { kind } = answer.outcome;
  if (kind === "throttled" || kind === "unreachable" || kind === "terminatingNamespace") return undefined;
  const sentence = refusalSentence(pod, answer.outcome);
  return sentence === undefined ? undefined : { pod: podTitle(pod), sentence, surely: kind === "severalBudgets" };
}
