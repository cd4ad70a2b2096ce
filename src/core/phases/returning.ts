import { advance } from "../fleet/advance.ts";
import { agentSawNewBoot } from "../fleet/boot.ts";
import type { Outcome } from "../fleet/record.ts";
import { monotonicOf, type NodeInHand, type Scene, type Step } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import { keptCordon } from "./cordon.ts";

/** Booted again: the node is given back once it is Ready and the new boot's agent says what it needs (rule 3). */
export function returning(inHand: NodeInHand, scene: Scene): Step {
  const { node } = inHand;
  const report = node.report.kind === "report" && agentSawNewBoot(inHand) ? node.report.report : undefined;
  if (!node.ready || report === undefined || report.need === "unknown") {
    const missing = [
      ...(node.ready ? [] : ["the node to be Ready"]),
      ...(report ? [] : ["its agent to report from the new boot"]),
      ...(report?.need === "unknown" ? [`the sentinel to be readable (${report.evidence})`] : []),
    ].join(" and ");
    return waiting(inHand, { missing, scene });
  }
  return report.need === "notRequired"
    ? giveBack(inHand, { outcome: "done", reason: { code: "Done" }, scene })
    : giveBack(inHand, {
        outcome: "stillRequired",
        reason: { code: "StillRequired", evidence: report.evidence },
        scene,
      });
}

/** One write takes our cordon off and says how it ended. */
function giveBack(
  inHand: NodeInHand,
  { outcome, reason, scene }: { outcome: Outcome; reason: Reason; scene: Scene },
): Step {
  const ours = keptCordon(inHand) === "ours";
  return advance(inHand, {
    step: "close",
    change: { phase: "closing", outcome, cordon: "none", ...(ours && { unschedulable: false }) },
    reason,
    scene,
  });
}

function waiting({ record }: NodeInHand, { missing, scene }: { missing: string; scene: Scene }): Step {
  const { policy, now } = scene;
  const untilMs = record.phaseSinceMs + policy.rebootDeadlineMs;
  const overdue = now.wallMs >= untilMs;
  const late: Reason = { code: "RebootOverdue", sinceMs: record.phaseSinceMs, detail: `it still waits for ${missing}` };
  return {
    reasons: [overdue ? late : { code: "Returning", detail: missing }],
    questions: [{ kind: "nodes", freshForMs: policy.freshness.goingMs }],
    ...(!overdue && { wakeAtMs: [monotonicOf(untilMs, now)] }),
  };
}
