import type { Answer, Question } from "../../core/question.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { Clock } from "../../ports/clock.ts";
import { evictionOutcome } from "../perform/evict-pod.ts";

/** Asks what an eviction of one pod would be answered. A refusal is the answer; nothing is evicted. */
export async function dryRun(
  { namespace, pod: name, uid }: Extract<Question, { kind: "dryRun" }>,
  { client, clock, signal }: { readonly client: KubeClient; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Answer> {
  const observedAtMs = clock.now().monotonicMs;
  const answer = await client.evict({ namespace, name, uid, dryRun: true, signal });
  const outcome = answer.kind === "ok" ? ({ kind: "evicted" } as const) : evictionOutcome(answer);
  return { kind: "dryRun", observedAtMs, outcome };
}
