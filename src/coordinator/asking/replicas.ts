import { isJsonObject, objectField, wholeField } from "../../core/json.ts";
import type { Answer, Question } from "../../core/question.ts";
import { describeFailure } from "../../kube/answers.ts";
import { MalformedError, type Decode } from "../../kube/object.ts";
import type { AskParts } from "./attachments.ts";

/** How many replicas an owner of pods lacks. One that is gone, or that we may not read, is not waited for. */
export async function askReplicas(
  { ownerKind, namespace, name }: Extract<Question, { kind: "replicas" }>,
  { client, clock, signal }: AskParts,
): Promise<Answer> {
  const observedAtMs = clock.now().monotonicMs;
  const answer = await client.get(ownerKind, { namespace, name, decode: missingReplicas, signal });
  if (answer.kind === "ok") return { kind: "replicas", observedAtMs, missing: answer.value };
  if (answer.kind === "gone" || answer.kind === "forbidden") return { kind: "replicas", observedAtMs, missing: 0 };
  return { kind: "failed", observedAtMs, reason: describeFailure(answer) };
}

/**
 * ReplicaSets, StatefulSets and ReplicationControllers count alike; 1 is wanted and 0 are ready where nothing is said.
 */
const missingReplicas: Decode<number> = (json) => {
  const spec = isJsonObject(json) ? objectField(json, "spec") : undefined;
  if (spec === undefined) throw new MalformedError("", "an object with replicas", json);
  const status = (isJsonObject(json) && objectField(json, "status")) || {};
  return Math.max(0, (wholeField(spec, "replicas") ?? 1) - (wholeField(status, "readyReplicas") ?? 0));
};
