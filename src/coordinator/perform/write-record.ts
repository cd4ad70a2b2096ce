import type { Action, TaintChange } from "../../core/action.ts";
import type { NodeFacts } from "../../core/fleet/node.ts";
import { encodeRecord, recordAnnotation } from "../../core/fleet/record.ts";
import { describeFailure, type Answer } from "../../kube/answers.ts";
import { decodeNodeFacts } from "../../kube/node.ts";
import type { Metrics } from "../../ports/metrics.ts";
import type { Json } from "../../kube/wire/json.ts";
import type { ActParts, Performed } from "./performed.ts";

/**
 * One patch of the Node: the record's next state and what it does to the node's schedulability. It carries the
 * resourceVersion that was decided on, so that whatever changed meanwhile is decided on first.
 */
export async function writeRecord(
  action: Extract<Action, { kind: "writeRecord" }>,
  { client, world, clock, metrics, story, signal, timeoutMs }: ActParts,
): Promise<Performed> {
  const { node: name, resourceVersion, record, unschedulable, marks } = action;
  story.before(action);
  const annotations = {
    ...marks?.annotations,
    [recordAnnotation]: record === undefined ? null : encodeRecord(record),
  };
  const metadata = { resourceVersion, annotations, ...(marks?.labels && { labels: marks.labels }) };
  // `null` removes the field, as kubectl uncordon does: Kubernetes has no schedulable node with `false`.
  const spec = {
    ...(unschedulable !== undefined && { unschedulable: unschedulable ? true : null }),
    ...(marks?.taint && { taints: taintsJson(marks.taint) }),
  };
  const sentAtMs = clock.now().monotonicMs;
  const answer = await client.patch("nodes", {
    name,
    patch: { type: "merge", body: { metadata, ...(Object.keys(spec).length > 0 && { spec }) } },
    decode: decodeNodeFacts,
    timeoutMs,
    signal,
  });
  if (answer.kind === "ok") {
    story.after(action);
    count(action, metrics);
    return { outcome: { kind: "done" }, see: () => world.putNode(answer.value, sentAtMs) };
  }
  story.failed(action, { why: describeFailure(answer), expected: answer.kind === "conflict" });
  if (answer.kind !== "forbidden") await lookAgain(name, { client, world, clock, signal });
  return { outcome: outcomeOf(answer) };
}

/** They came as JSON, and go back as they came. */
function taintsJson({ all }: TaintChange): Json {
  return all.length > 0 ? (all as readonly Json[]) : null;
}

/** A reboot counts when its outcome is written, once. */
function count({ node, step, record, was }: Extract<Action, { kind: "writeRecord" }>, metrics: Metrics): void {
  if (step === "fail") metrics.add("kured_reboots_total", { labels: { node, outcome: "failed" } });
  const outcome = step === "close" && was?.outcome === undefined ? record?.outcome : undefined;
  if (outcome === "done" || outcome === "stillRequired")
    metrics.add("kured_reboots_total", { labels: { node, outcome } });
}

/** What is there now, so that the next decision is on that and not on what we supposed. */
async function lookAgain(
  name: string,
  { client, world, clock, signal }: Pick<ActParts, "client" | "world" | "clock" | "signal">,
): Promise<void> {
  const askedAtMs = clock.now().monotonicMs;
  const answer = await client.get("nodes", { name, decode: decodeNodeFacts, signal });
  if (answer.kind === "ok") world.putNode(answer.value, askedAtMs);
  if (answer.kind === "gone") world.dropNode(name);
}

function outcomeOf(answer: Exclude<Answer<NodeFacts>, { kind: "ok" }>): Performed["outcome"] {
  if (answer.kind === "conflict" || answer.kind === "gone") return { kind: answer.kind };
  return { kind: "failed", reason: describeFailure(answer) };
}
