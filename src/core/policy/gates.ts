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
export function gatesNow(node: NodeFacts, { scene, freshForMs, sinceMs = -Infinity }: GateLook): GatesNow {
  const { view, policy, now } = scene;
  const asked = policy.gates.map((gate) => {
    const question = gateQuestion(node, { gate, freshForMs });
    return { question, answer: view.answers.get(questionKey(question)) };
  });
  const goodForMs = Math.max(freshForMs, ...asked.map(({ answer }) => tookMs(answer)));
  const reasons = asked.flatMap(({ question, answer }) => refusal(question.gate, answer) ?? []);
  const [first, ...more] = reasons;
  if (first) return { kind: "shut", reasons: [first, ...more], questions: asked.map(({ question }) => question) };
  const isKnown = (answer: Answer | undefined) =>
    answer !== undefined &&
    answer.observedAtMs >= sinceMs &&
    answer.observedAtMs + tookMs(answer) + goodForMs >= now.monotonicMs;
  if (asked.every(({ answer }) => isKnown(answer))) return { kind: "open" };
  const newerMs = newerThan(sinceMs, { now, freshForMs });
  // Those that are known are asked too, so that slow ones answer at the same time; but not by the age that grows with
  // the time since `sinceMs`, at which they would be due without end.
  const questions = asked.map(({ question, answer }) =>
    isKnown(answer) ? question : { ...question, freshForMs: newerMs },
  );
  return { kind: "ask", questions };
}

interface GateLook {
  readonly scene: Scene;
  /** Or as long as the slowest gate needs for an answer: others are not younger by then. */
  readonly freshForMs: number;
  /** Monotonic: what was asked earlier does not count. */
  readonly sinceMs?: number;
}

/** An answer is fresh from when it came: it may take longer than it stays so. */
function tookMs(answer: Answer | undefined): number {
  return answer?.kind === "gate" ? (answer.answeredAtMs ?? answer.observedAtMs) - answer.observedAtMs : 0;
}

function refusal(gate: string, answer: Answer | undefined): Reason | undefined {
  if (answer?.kind === "failed") return { code: "GateUnknown", gate, detail: answer.reason };
  return answer?.kind === "gate" && answer.state.kind === "closed" ? closed(gate, answer.state) : undefined;
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
