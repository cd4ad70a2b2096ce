import type { HostAction } from "../../core/host/action.ts";
import type { ActionOutcome } from "../../core/fleet/view.ts";
import { recordAnnotation } from "../../core/fleet/record.ts";
import { encodeReport, reportAnnotation } from "../../core/fleet/report.ts";
import { holdAnnotation, pauseAnnotation } from "../../core/fleet/request.ts";
import { describeFailure } from "../../kube/answers.ts";
import { decodeObject } from "../../kube/object.ts";
import type { AgentHandsParts } from "./parts.ts";
import { annotationPath, lookAgain } from "./write-report.ts";

/**
 * The commit point (design §3): one patch that tests the exact approval, the cordon, and that nobody pauses or holds
 * the node, and says that we reboot. The API server decides between it and a withdrawal.
 */
export async function commit(
  action: Extract<HostAction, { kind: "commit" }>,
  { client, machine, clock, log, node: name, signal }: AgentHandsParts,
): Promise<ActionOutcome> {
  const { approval, report, was, recordText } = action;
  const path = annotationPath(reportAnnotation);
  const requests = machine.requestTexts();
  const sentAtMs = clock.now().monotonicMs;
  const answer = await client.patch("nodes", {
    name,
    patch: {
      type: "json",
      body: [
        { op: "test", path: annotationPath(recordAnnotation), value: recordText },
        { op: "test", path: "/spec/unschedulable", value: true },
        // A test of null passes where there is no such annotation; one that has run out may still stand there.
        { op: "test", path: annotationPath(pauseAnnotation), value: requests.pause ?? null },
        { op: "test", path: annotationPath(holdAnnotation), value: requests.hold ?? null },
        { op: "test", path, value: was },
        { op: "replace", path, value: encodeReport(report) },
      ],
    },
    decode: decodeObject,
    metadataOnly: true,
    timeoutMs: answerWithinMs,
    signal,
  });
  if (answer.kind === "ok") {
    machine.sawNode(answer.value, sentAtMs);
    machine.commitConfirmed();
    return { kind: "done" };
  }
  log.write("warning", `Committing to approval ${approval} failed: ${describeFailure(answer)}`);
  if (
    answer.kind === "invalid" ||
    answer.kind === "conflict" ||
    answer.kind === "gone" ||
    answer.kind === "forbidden"
  ) {
    // A definite no: nothing was applied.
    machine.commitDropped();
    await lookAgain({ client, machine, clock, node: name, signal });
    return { kind: "conflict" };
  }
  return { kind: "failed", reason: describeFailure(answer) };
}

/** Less than the ten seconds within which the command must run, so that a lost answer can still be looked up. */
const answerWithinMs = 4_000;
