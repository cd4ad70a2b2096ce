import { questionKey, type Answer, type Question } from "../../question.ts";
import type { Timeline } from "./timeline.ts";

/** What a gate of a model world says; `unreachable` is one that cannot be asked. `slow` ones take seconds to say it. */
export type GateSays = "open" | "closed" | "unreachable" | "slow";

type GateQuestion = Omit<Extract<Question, { kind: "gate" }>, "kind" | "freshForMs">;

/** The blockers of a model world; all are open at its beginning. */
export class ModelGates {
  readonly #timeline: Timeline;
  /** How long each answer takes. */
  answerMs = 0;
  readonly #shut = new Map<string, { readonly says: "closed" | "unreachable"; readonly sinceMs: number }>();

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** Somebody's alert fires or is over, a pod comes or goes, or nobody answers any more. */
  say(gate: GateQuestion, says: GateSays): void {
    if (says === "slow") this.answerMs = slowMs;
    else if (says === "open") this.#shut.delete(keyOf(gate));
    else this.#shut.set(keyOf(gate), { says, sinceMs: this.openUntilMs(gate) });
  }

  openAll(): void {
    this.#shut.clear();
  }

  /** What is true at this instant, as an answer that arrives later. */
  answer(gate: GateQuestion, observedAtMs: number): (answeredAtMs: number) => Answer {
    const says = this.#shut.get(keyOf(gate))?.says ?? "open";
    if (says === "unreachable") return () => ({ kind: "failed", reason: "no answer", observedAtMs });
    const state = says === "open" ? ({ kind: says } as const) : ({ kind: says, by: "other", detail: "no" } as const);
    return (answeredAtMs) => ({ kind: "gate", state, observedAtMs, answeredAtMs });
  }

  /** The last instant at which it was open. */
  openUntilMs(gate: GateQuestion): number {
    return this.#shut.get(keyOf(gate))?.sinceMs ?? this.#timeline.nowMs;
  }
}

/** Longer than anything else that a decisive step rests on stays fresh. */
const slowMs = 3_000;

function keyOf(gate: GateQuestion): string {
  return questionKey({ kind: "gate", freshForMs: 0, ...gate });
}
