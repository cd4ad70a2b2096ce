import type { Action } from "../../core/action.ts";
import { describeFailure } from "../../kube/answers.ts";
import type { ActParts, Performed } from "./performed.ts";

/** One deletion, for which no budget is asked. That the pod is gone, or is another one by now, is as good. */
export async function deletePod(
  action: Extract<Action, { kind: "deletePod" }>,
  { client, story, signal, timeoutMs }: ActParts,
): Promise<Performed> {
  const { namespace, pod: name, uid, gracePeriodSeconds } = action;
  story.before(action);
  const grace = gracePeriodSeconds < 0 ? {} : { gracePeriodSeconds };
  const answer = await client.delete("pods", { namespace, name, uid, ...grace, timeoutMs, signal });
  if (answer.kind === "ok" || answer.kind === "gone" || answer.kind === "conflict") {
    story.after(action);
    return { outcome: { kind: "done" } };
  }
  story.failed(action, { why: describeFailure(answer), expected: false });
  return { outcome: { kind: "failed", reason: describeFailure(answer) } };
}
