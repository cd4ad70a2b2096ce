import { questionKey, type Answer, type Question } from "../core/question.ts";
import { GateError, type Gate } from "../gates/gate.ts";
import { DeadlineExceeded, type Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { World } from "./world/world.ts";

/** What asking a gate needs. */
export interface GateLookParts {
  readonly gates: readonly Gate[];
  readonly world: World;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** How long a gate may take; after that it has said no. */
const gateTimeoutMs = 10_000;

/** Asks the gate once, and tells the log in kured's words whenever it says no in another way than before. */
export async function askGate(
  question: Extract<Question, { kind: "gate" }>,
  { gates, world, clock, log, signal }: GateLookParts,
): Promise<Answer> {
  const observedAtMs = clock.now().monotonicMs;
  const gate = gates.find(({ name }) => name === question.gate);
  if (gate === undefined) throw new Error(`There is no gate ${question.gate}`);
  const deadline = clock.deadline(gateTimeoutMs, { signal });
  const node = question.node === undefined ? {} : { node: question.node };
  const answer = await gate
    .ask({ ...node, signal: deadline.signal })
    .then((state): Answer => ({ kind: "gate", observedAtMs, answeredAtMs: clock.now().monotonicMs, state }))
    .catch((error: unknown): Answer => {
      signal.throwIfAborted();
      return { kind: "failed", observedAtMs, reason: `${gate.failure}: ${reasonOf(error)}` };
    })
    .finally(() => deadline.clear());
  const before = refusalOf(world.view().answers.get(questionKey(question)));
  const refusal = refusalOf(answer);
  if (refusal !== undefined && refusal !== before) log.write("warning", `Reboot blocked: ${refusal}`, node);
  return answer;
}

/** Throws what is no failure of the gate but our own mistake. */
function reasonOf(error: unknown): string {
  if (error instanceof GateError) return error.message;
  if (error instanceof DeadlineExceeded) return `no answer within ${error.durationMs / 1000} s`;
  throw error;
}

function refusalOf(answer: Answer | undefined): string | undefined {
  if (answer?.kind === "failed") return answer.reason;
  return answer?.kind === "gate" && answer.state.kind === "closed" ? answer.state.detail : undefined;
}
