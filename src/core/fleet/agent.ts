import { isFinished, type PodFacts } from "../drain/pod.ts";
import { questionKey, type Question } from "../question.ts";
import type { Scene } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import type { NodeFacts } from "./node.ts";

/** Whether the pod that wrote the report is alive, as far as is known. */
export type AgentStanding =
  | { readonly kind: "alive" }
  /** The node's pods must be seen first. */
  | { readonly kind: "ask"; readonly question: Question; readonly reason: Reason }
  | { readonly kind: "missing"; readonly reason: Reason };

/**
 * A node is claimed only if the pod named in its report is running there and Ready and no other kured pod is: a
 * rolled-back pod of Go kured would take the lock entry of its own name for its own (bug B3).
 */
export function agentStanding(
  node: NodeFacts,
  { scene, freshForMs }: { scene: Scene; freshForMs: number },
): AgentStanding {
  if (node.report.kind !== "report") return missing("no agent has reported from it yet");
  if (scene.policy.agentProof === "self") return { kind: "alive" };
  const question: Question = { kind: "pods", node: node.name, freshForMs };
  const answer = scene.view.answers.get(questionKey(question));
  if (answer?.kind !== "pods" || answer.observedAtMs + freshForMs < scene.now.monotonicMs) {
    const detail = answer?.kind === "failed" ? answer.reason : "its pods have not been seen yet";
    return { kind: "ask", question, reason: { code: "AgentMissing", detail } };
  }
  return judge(answer.pods, { reporter: node.report.report.pod, owner: scene.policy.owner });
}

function judge(pods: readonly PodFacts[], { reporter, owner }: { reporter: string; owner: string }): AgentStanding {
  const ours = pods.filter((pod) => isDaemonPod(pod, owner) && !isFinished(pod));
  const agent = ours.find(({ uid }) => uid === reporter);
  if (agent === undefined) return missing("the pod that wrote the report is not there any more");
  if (agent.deletionTimestampMs !== undefined) return missing(`the pod ${agent.name} is terminating`);
  if (agent.phase !== "Running" || !agent.ready) return missing(`the pod ${agent.name} is not running and Ready`);
  const other = ours.find(({ uid }) => uid !== reporter);
  if (other !== undefined) return missing(`the pod ${other.name} runs beside ${agent.name}`);
  return { kind: "alive" };
}

/** Whether a pod belongs to the DaemonSet `namespace/name` that is this installation. */
export function isDaemonPod({ namespace, controller }: PodFacts, owner: string): boolean {
  return controller?.kind === "DaemonSet" && `${namespace}/${controller.name}` === owner;
}

function missing(detail: string): AgentStanding {
  return { kind: "missing", reason: { code: "AgentMissing", detail } };
}
