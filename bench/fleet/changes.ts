import type { PodFacts } from "../../src/core/drain/pod.ts";
import type { NodeFacts } from "../../src/core/fleet/node.ts";
import type { Attempt, View } from "../../src/core/fleet/view.ts";
import { createMemory } from "../../src/core/memory.ts";
import { questionKey, type Answer } from "../../src/core/question.ts";
import { now } from "../../src/core/testing/builders.ts";

/**
 * So many Nodes, lists of pods and attempts are others than at the call before: a tenth of a second of a busy fleet.
 */
export const changesEach = 50;

/** Views of one fleet, one for each call, between which as much changes as between two decisions of a large drain. */
export function changingViews(view: View): () => View {
  const memory = createMemory();
  const nodes = [...view.nodes];
  const answers = new Map(view.answers);
  const attempts = new Map(view.attempts);
  const keys = view.nodes.map(({ name }) => questionKey({ kind: "pods", node: name, freshForMs: 0 }));
  const lists = keys.filter((key) => view.answers.has(key));
  const pods = lists.flatMap((key) => podsIn(view.answers.get(key)));
  let turn = 0;
  return () => {
    turn += 1;
    for (let one = 0; one < changesEach; one += 1) {
      const index = turn * changesEach + one;
      const node = nodes[index % nodes.length];
      if (node) nodes[index % nodes.length] = touched(node, turn);
      changeList(lists[index % lists.length], { answers, before: view.answers });
      const pod = pods[index % pods.length];
      if (pod) attempts.set(`evict/${pod.uid}`, attemptAt(attempts.get(`evict/${pod.uid}`), turn));
    }
    return { ...view, nodes: [...nodes], answers, attempts, memory };
  };
}

/** Its kubelet has told something that matters to nobody. */
function touched(node: NodeFacts, turn: number): NodeFacts {
  return { ...node, resourceVersion: `${turn}` };
}

/** The last pod goes, or all are there again. */
function changeList(
  key: string | undefined,
  { answers, before }: { readonly answers: Map<string, Answer>; readonly before: View["answers"] },
): void {
  const answer = key === undefined ? undefined : answers.get(key);
  const whole = key === undefined ? undefined : before.get(key);
  if (key === undefined || answer?.kind !== "pods" || whole?.kind !== "pods") return;
  const pods = answer.pods.length < whole.pods.length ? [...whole.pods] : answer.pods.slice(0, -1);
  answers.set(key, { ...answer, pods });
}

/** Another answer to the same eviction, or the first that is under way. */
function attemptAt(attempt: Attempt | undefined, turn: number): Attempt {
  return attempt?.last === undefined
    ? { failures: 0, jitter: 0, inFlightSinceMs: now.monotonicMs - (turn % 1_000) }
    : { ...attempt, last: { ...attempt.last, endedAtMs: now.monotonicMs - 1_000 - (turn % 1_000) } };
}

/** Those that are evicted: the agents stay. */
function podsIn(answer: Answer | undefined): readonly PodFacts[] {
  return answer?.kind === "pods" ? answer.pods.filter(({ controller }) => controller?.kind !== "DaemonSet") : [];
}
