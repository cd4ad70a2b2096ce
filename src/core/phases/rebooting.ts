import { advance } from "../fleet/advance.ts";
import { bootChanged } from "../fleet/boot.ts";
import { approvalOf } from "../fleet/record.ts";
import type { CommandResult, Report } from "../fleet/report.ts";
import { monotonicOf, type NodeInHand, type Scene, type Step } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import { abandon } from "./abandon.ts";
import { keptCordon } from "./cordon.ts";

/**
 * The reboot is commanded: nothing can be withdrawn any more. Only a changed boot, or proof that no shutdown is
 * pending, ends this; time alone makes it overdue and stops the roll-out.
 */
export function rebooting(inHand: NodeInHand, scene: Scene): Step {
  const { node, record } = inHand;
  if (bootChanged(inHand))
    return advance(inHand, {
      step: "return",
      change: { phase: "returning", cordon: keptCordon(inHand) },
      reason: { code: "Returning", detail: "the node to be Ready and its agent to report" },
      scene,
    });
  if (record.failure) return failed(inHand, { failure: record.failure, scene });
  const report = node.report.kind === "report" ? node.report.report : undefined;
  const result = report?.commanded?.approval === approvalOf(record) ? report?.commanded?.result : undefined;
  if (report && result) {
    const step = withResult(inHand, { report, result, scene });
    if (step) return step;
  }
  return waiting(inHand, { scene, detail: overdueDetail(result, node.ready) });
}

/** What a still living agent's word about its reboot command leads to; `undefined` means to go on waiting. */
function withResult(
  inHand: NodeInHand,
  { report, result, scene }: { report: Report; result: CommandResult; scene: Scene },
): Step | undefined {
  switch (result.kind) {
    case "accepted":
      return undefined;
    case "notRun":
      return resume(inHand, scene);
    case "interrupted":
      if (result.shutdown !== "no") return undefined;
      return inHand.record.attempt < attemptsMax
        ? resume(inHand, scene)
        : fail(inHand, {
            reason: `the agent was interrupted ${attemptsMax} times while it rebooted`,
            pod: report.pod,
            scene,
          });
    case "failed":
    case "hung":
      // A command may fail and the machine still go down: without proof the node is told and kept.
      if (result.shutdown === "no") return fail(inHand, { reason: result.reason, pod: report.pod, scene });
      return waiting(inHand, { scene, detail: result.reason, failed: true });
  }
}

/** An agent that dies again and again between commit and command must not drain the node for ever. */
const attemptsMax = 5;

/** Nothing happened, provably: back to where the approval came from. */
function resume(inHand: NodeInHand, scene: Scene): Step {
  const reason: Reason = { code: "Drained", detail: "a new approval, because the reboot command was not run" };
  return advance(inHand, { step: "resume", change: { phase: "draining" }, reason, scene });
}

function fail(inHand: NodeInHand, { reason, pod, scene }: { reason: string; pod: string; scene: Scene }): Step {
  const cordon = keptCordon(inHand);
  const givesBack = cordon === "ours" && scene.policy.failedReboot === "giveBack";
  return advance(inHand, {
    step: "fail",
    change: { failure: { reason, pod }, cordon, ...(givesBack && { cordon: "none", unschedulable: false }) },
    reason: { code: "Failed", detail: reason },
    scene,
  });
}

/** It keeps its place in the lock, which stops the roll-out, until somebody has mended the cause. */
function failed(
  inHand: NodeInHand,
  { failure, scene }: { failure: { readonly reason: string; readonly pod: string }; scene: Scene },
): Step {
  const { node } = inHand;
  const report = node.report.kind === "report" ? node.report.report : undefined;
  if (report?.need === "notRequired")
    return abandon(inHand, { reason: { code: "NotRequired", evidence: report.evidence }, scene });
  // A new pod is what an operator makes who mends the reboot command: it gets another try.
  if (report && report.pod !== "" && report.pod !== failure.pod && report.impediment === undefined)
    return abandon(inHand, {
      reason: { code: "Closing", detail: "a new agent runs after the failed reboot and may try again" },
      scene,
    });
  return {
    reasons: [{ code: "Failed", detail: failure.reason }],
    questions: [{ kind: "nodes", freshForMs: scene.policy.freshness.restingMs }],
  };
}

function waiting(
  { record }: NodeInHand,
  { scene, detail, failed: told = false }: { scene: Scene; detail: string; failed?: boolean },
): Step {
  const { policy, now } = scene;
  const untilMs = record.phaseSinceMs + policy.rebootDeadlineMs;
  const overdue = now.wallMs >= untilMs;
  const late: Reason = { code: "RebootOverdue", sinceMs: record.phaseSinceMs, detail };
  const reason: Reason = told ? { code: "Failed", detail } : overdue ? late : { code: "Rebooting", untilMs };
  return {
    reasons: told && overdue ? [reason, late] : [reason],
    questions: [{ kind: "nodes", freshForMs: policy.freshness.restingMs }],
    ...(!overdue && { wakeAtMs: [monotonicOf(untilMs, now)] }),
  };
}

function overdueDetail(result: CommandResult | undefined, ready: boolean): string {
  if (result?.kind === "accepted" && !ready) return "the reboot command said yes, and the node is not Ready";
  if (result?.kind === "accepted") return "the reboot command said yes, and nothing happened";
  if (result?.kind === "interrupted")
    return "the agent was restarted while it rebooted, and whether a shutdown is pending cannot be told";
  return "the reboot was commanded and nothing was heard of it since";
}
