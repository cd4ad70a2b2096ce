import type { HostAction } from "../../core/host/action.ts";
import type { ActionOutcome } from "../../core/fleet/view.ts";
import { encodeReport, reportAnnotation } from "../../core/fleet/report.ts";
import { describeFailure } from "../../kube/answers.ts";
import { decodeObject } from "../../kube/object.ts";
import type { Patch } from "../../kube/wire/requests.ts";
import type { AgentHandsParts } from "./parts.ts";

/** Replaces our report, if it still is what we think it is: another agent of this node may have spoken meanwhile. */
export async function writeReport(
  action: Extract<HostAction, { kind: "writeReport" }>,
  { client, machine, clock, log, node: name, signal }: AgentHandsParts,
): Promise<ActionOutcome> {
  const { uid } = machine.view().node ?? {};
  if (uid === undefined) return { kind: "conflict" };
  const text = encodeReport(action.report);
  const sentAtMs = clock.now().monotonicMs;
  const patch = action.was === undefined ? firstReport(uid, text) : nextReport(action.was, text);
  const answer = await client.patch("nodes", { name, patch, decode: decodeObject, metadataOnly: true, signal });
  if (answer.kind === "ok") {
    machine.sawNode(answer.value, sentAtMs);
    return { kind: "done" };
  }
  log.write("warning", `Writing the report of node ${name} failed: ${describeFailure(answer)}`);
  await lookAgain({ client, machine, clock, node: name, signal });
  return answer.kind === "conflict" || answer.kind === "invalid"
    ? { kind: "conflict" }
    : { kind: "failed", reason: describeFailure(answer) };
}

/** The Node as it is now, without judging what it says. */
export async function lookAgain({
  client,
  machine,
  clock,
  node: name,
  signal,
}: Pick<AgentHandsParts, "client" | "machine" | "clock" | "node" | "signal">): Promise<void> {
  const askedAtMs = clock.now().monotonicMs;
  const answer = await client.get("nodes", { name, decode: decodeObject, metadataOnly: true, signal });
  if (answer.kind === "ok") machine.sawNode(answer.value, askedAtMs);
}

/** The path of an annotation in a JSON patch (RFC 6901: `~` and `/` are escaped). */
export function annotationPath(key: string): string {
  return `/metadata/annotations/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function firstReport(uid: string, text: string): Patch {
  // A merge patch makes the map of annotations where there is none; the uid keeps us from a namesake.
  return { type: "merge", body: { metadata: { uid, annotations: { [reportAnnotation]: text } } } };
}

function nextReport(was: string, text: string): Patch {
  const path = annotationPath(reportAnnotation);
  return {
    type: "json",
    body: [
      { op: "test", path, value: was },
      { op: "replace", path, value: text },
    ],
  };
}
