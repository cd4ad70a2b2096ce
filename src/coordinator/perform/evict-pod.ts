import type { Action } from "../../core/action.ts";
import type { EvictionOutcome } from "../../core/drain/refusals.ts";
import { describeFailure, type Failure } from "../../kube/answers.ts";
import type { ActParts, Performed } from "./performed.ts";

/** One eviction. Its uid is a precondition, so that a namesake on another node is never hit (bug B17). */
export async function evictPod(
  action: Extract<Action, { kind: "evict" }>,
  { client, metrics, story, signal, timeoutMs }: ActParts,
): Promise<Performed> {
  const { namespace, pod: name, uid, gracePeriodSeconds } = action;
  story.before(action);
  const grace = gracePeriodSeconds < 0 ? {} : { gracePeriodSeconds };
  const answer = await client.evict({ namespace, name, uid, ...grace, timeoutMs, signal });
  const outcome: EvictionOutcome = answer.kind === "ok" ? { kind: "evicted" } : evictionOutcome(answer);
  metrics.add("kured_evictions_total", { labels: { outcome: outcome.kind } });
  if (answer.kind === "ok" || answer.kind === "gone") story.after(action);
  else story.failed(action, { why: describeFailure(answer), expected: true });
  const budget =
    outcome.kind === "budgetRefused" || outcome.kind === "budgetPending" ? (outcome.budget ?? "") : undefined;
  return {
    outcome: { kind: "eviction", outcome },
    ...(budget !== undefined && { refusedBy: `${namespace}/${budget}` }),
  };
}

/** The API server's answer in the drain's words, each by what can be done about it. */
export function evictionOutcome(failure: Failure): EvictionOutcome {
  switch (failure.kind) {
    case "gone":
      return { kind: "gone" };
    case "conflict":
      return { kind: "otherPod" };
    case "budgetRefused": {
      const { budget, neededHealthy, currentHealthy, message } = failure;
      const named = budget === undefined ? {} : { budget };
      if (failure.beingProcessed) return { kind: "budgetPending", ...named, ...silence(failure) };
      return {
        kind: "budgetRefused",
        text: message,
        ...named,
        ...(neededHealthy !== undefined && { neededHealthy }),
        ...(currentHealthy !== undefined && { currentHealthy }),
      };
    }
    case "severalBudgets":
    case "terminatingNamespace":
      return { kind: failure.kind };
    case "throttled":
      if (failure.message.startsWith("admission webhook "))
        return { kind: "postponed", text: failure.message, ...silence(failure) };
      return { kind: "throttled", ...silence(failure) };
    case "forbidden":
      return { kind: "forbidden", text: failure.message };
    case "unreachable":
      return { kind: "unreachable" };
    case "serverError":
      return { kind: "failed", text: describeFailure(failure), ...silence(failure) };
    case "alreadyExists":
    case "badRequest":
    case "expired":
    case "invalid":
    case "malformed":
    case "notJson":
    case "unauthorized":
      return { kind: "failed", text: describeFailure(failure) };
  }
}

/** How long the answer asks to be left in peace. */
function silence({ retryAfterMs }: { readonly retryAfterMs: number | undefined }): { readonly retryAfterMs?: number } {
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}
