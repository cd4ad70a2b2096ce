import { isFinished, type PodFacts } from "../drain/pod.ts";
import { recalled } from "../memory.ts";
import { questionKey, type Question } from "../question.ts";
import type { Scene } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import type { NodeFacts } from "./node.ts";

/** Whether the pod that wrote the report is alive, as far as is known. `question` is what to go on asking. */
export type AgentStanding =
  | { readonly kind: "alive" }
  /** The node's pods must be seen first; `failed` where that was tried in vain. */
  | { readonly kind: "ask"; readonly question: Question; readonly reason: Reason; readonly failed: boolean }
  | { readonly kind: "missing"; readonly question: Question; readonly reason: Reason };

/**
 * A node is claimed only if the pod named in its report is running there and Ready and no other kured pod is: a
 * rolled-back pod of Go kured would take the lock entry of its own name for its own (bug B3).
 */
export function agentStanding(
  node: NodeFacts,
  { scene, freshForMs }: { scene: Scene; freshForMs: number },
): AgentStanding {
  const question: Question = { kind: "pods", node: node.name, freshForMs };
  if (node.report.kind !== "report")
    return { kind: "missing", question, reason: absent("no agent has reported from it yet") };
  if (scene.policy.agentProof === "self") return { kind: "alive" };
  const answer = scene.view.answers.get(questionKey(question));
  if (answer?.kind === "failed")
    return { kind: "ask", question, reason: absent(`its pods cannot be listed (${answer.reason})`), failed: true };
  // While the next look is under way the last one still counts, so that the verdict does not flicker.
  if (answer?.kind !== "pods" || answer.observedAtMs + 2 * freshForMs < scene.now.monotonicMs)
    return { kind: "ask", question, reason: absent("its pods have not been seen yet"), failed: false };
  const { pods } = answer;
  const [reporter, owner] = [node.report.report.pod, scene.policy.owner];
  const detail = recalled(scene.view.memory?.agents, {
    by: pods,
    from: [reporter, owner],
    make: () => whyMissing(pods, { reporter, owner }) ?? "",
  });
  return detail === "" ? { kind: "alive" } : { kind: "missing", question, reason: absent(detail) };
}

function whyMissing(
  pods: readonly PodFacts[],
  { reporter, owner }: { reporter: string; owner: string },
): string | undefined {
  const ours = pods.filter((pod) => isDaemonPod(pod, owner) && !isFinished(pod));
  const agent = ours.find(({ uid }) => uid === reporter);
  if (agent === undefined) return "the pod that wrote the report is not there any more";
  if (agent.deletionTimestampMs !== undefined) return `the pod ${agent.name} is terminating`;
  if (agent.phase !== "Running" || !agent.ready) return `the pod ${agent.name} is not running and Ready`;
  const other = ours.find(({ uid }) => uid !== reporter);
  return other && `the pod ${other.name} runs beside ${agent.name}`;
}

/** Whether a pod belongs to the DaemonSet `namespace/name` that is this installation. */
export function isDaemonPod({ namespace, controller }: PodFacts, owner: string): boolean {
  return controller?.kind === "DaemonSet" && `${namespace}/${controller.name}` === owner;
}

function absent(detail: string): Reason {
  return { code: "AgentMissing", detail };
}
