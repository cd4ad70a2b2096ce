import { lastEndedAtMs } from "../attempt.ts";
import { recordKey } from "../fleet/advance.ts";
import type { NodeFacts } from "../fleet/node.ts";
import { newerThan, questionKey, type Question } from "../question.ts";
import type { NodeInHand, Scene } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import type { GatePolicy, GateState } from "./gate.ts";

/** What all gates together say of a node. */
export type GatesNow =
  | { readonly kind: "open" }
  /** Not known, or not lately enough. */
  | { readonly kind: "ask"; readonly questions: readonly Question[] }
  /** At least one is closed or could not be asked. */
  | {
      readonly kind: "shut";
      readonly reasons: readonly [Reason, ...Reason[]];
      readonly questions: readonly Question[];
    };

/**
 * Whether the gates let a node be rebooted. A no is believed at sight, a yes only while it is fresh; what cannot be
 * asked is a no (rule 7).
 */
export function gatesNow(
  node: NodeFacts,
  { scene, freshForMs }: { readonly scene: Scene; readonly freshForMs: number },
): GatesNow {
  const { view, policy, now } = scene;
  const questions = policy.gates.map((gate) => gateQuestion(node, { gate, freshForMs }));
  const reasons: Reason[] = [];
  let known = true;
  for (const question of questions) {
    const answer = view.answers.get(questionKey(question));
    if (answer?.kind === "failed") reasons.push({ code: "GateUnknown", gate: question.gate, detail: answer.reason });
    else if (answer?.kind !== "gate" || answer.observedAtMs + freshForMs < now.monotonicMs) known = false;
    if (answer?.kind === "gate" && answer.state.kind === "closed") reasons.push(closed(question.gate, answer.state));
  }
  const [first, ...more] = reasons;
  if (first) return { kind: "shut", reasons: [first, ...more], questions };
  return known ? { kind: "open" } : { kind: "ask", questions };
}

/** The same for a node in hand, of looks that are younger than this process's last write of its record. */
export function gatesSinceWrite({ node }: NodeInHand, scene: Scene): GatesNow {
  const { now, policy } = scene;
  const sinceMs = lastEndedAtMs(recordKey(node.name), scene);
  return gatesNow(node, { scene, freshForMs: newerThan(sinceMs, { now, freshForMs: policy.freshness.decisiveMs }) });
}

function gateQuestion(
  { name }: NodeFacts,
  { gate, freshForMs }: { readonly gate: GatePolicy; readonly freshForMs: number },
): Extract<Question, { kind: "gate" }> {
  return { kind: "gate", gate: gate.name, ...(gate.scope === "node" && { node: name }), freshForMs };
}

function closed(gate: string, { by, detail }: Extract<GateState, { kind: "closed" }>): Reason {
  switch (by) {
    case "alert":
      return { code: "BlockedByAlert", detail };
    case "pod":
      return { code: "BlockedByPod", detail };
    case "other":
      return { code: "GateClosed", gate, detail };
  }
}
