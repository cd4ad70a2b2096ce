import { lastEndedAtMs } from "../attempt.ts";
import { recordKey } from "../fleet/advance.ts";
import type { NodeFacts } from "../fleet/node.ts";
import { newerThan, questionKey, type Answer, type Question } from "../question.ts";
import type { NodeInHand, Scene } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import type { GatePolicy, GateState } from "./gate.ts";

/** What all gates together say of a node. */
export type GatesNow =
  | { readonly kind: "open" }
  /** Not known, or not lately enough; asked is only what is not. */
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
export function gatesNow(node: NodeFacts, { scene, freshForMs, sinceMs = -Infinity }: GateLook): GatesNow {
  const { view, policy, now } = scene;
  const ageMs = newerThan(sinceMs, { now, freshForMs });
  const questions = policy.gates.map((gate) => gateQuestion(node, { gate, freshForMs: ageMs }));
  const reasons: Reason[] = [];
  // Not the others as well: how old they may be grows with the time since `sinceMs`, and so would be due without end.
  const unknown: Question[] = [];
  for (const question of questions) {
    const answer = view.answers.get(questionKey(question));
    if (answer?.kind === "failed") reasons.push({ code: "GateUnknown", gate: question.gate, detail: answer.reason });
    else if (answer?.kind !== "gate" || !isFresh(answer, { scene, freshForMs, sinceMs })) unknown.push(question);
    if (answer?.kind === "gate" && answer.state.kind === "closed") reasons.push(closed(question.gate, answer.state));
  }
  const [first, ...more] = reasons;
  if (first) return { kind: "shut", reasons: [first, ...more], questions };
  return unknown.length === 0 ? { kind: "open" } : { kind: "ask", questions: unknown };
}

interface GateLook {
  readonly scene: Scene;
  readonly freshForMs: number;
  /** Monotonic: what was asked earlier does not count. */
  readonly sinceMs?: number;
}

/** A gate may take longer for each answer than an answer stays fresh: that counts from when it came. */
function isFresh(
  { observedAtMs, answeredAtMs = observedAtMs }: Extract<Answer, { kind: "gate" }>,
  { scene, freshForMs, sinceMs = -Infinity }: GateLook,
): boolean {
  return observedAtMs >= sinceMs && answeredAtMs + freshForMs >= scene.now.monotonicMs;
}

/** The same for a node in hand, of looks that are younger than this process's last write of its record. */
export function gatesSinceWrite({ node }: NodeInHand, scene: Scene): GatesNow {
  const sinceMs = lastEndedAtMs(recordKey(node.name), scene);
  return gatesNow(node, { scene, freshForMs: scene.policy.freshness.decisiveMs, sinceMs });
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
