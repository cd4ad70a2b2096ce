import { advance } from "../fleet/advance.ts";
import { approvalOf } from "../fleet/record.ts";
import { mayGoDown } from "../fleet/report.ts";
import type { NodeInHand, Scene, Step } from "../scene.ts";
import { keptCordon } from "./cordon.ts";

/** Whether the agent has committed to exactly the record's current or last approval. */
export function hasCommitted({ node, record }: NodeInHand): boolean {
  return node.report.kind === "report" && node.report.report.commanded?.approval === approvalOf(record);
}

/**
 * Whether the machine may go down by the last approval although that was taken back: somebody removed the agent's
 * report with the commit in it, and the agent has said it again.
 */
export function hasCommittedAllTheSame(inHand: NodeInHand): boolean {
  const { report } = inHand.node;
  return hasCommitted(inHand) && report.kind === "report" && mayGoDown(report.report.commanded, report.report.boot);
}

/** From here on nothing can be withdrawn any more. */
export function commanded(inHand: NodeInHand, scene: Scene): Step {
  return advance(inHand, {
    step: "reboot",
    change: { phase: "rebooting", cordon: keptCordon(inHand) },
    reason: { code: "Rebooting", untilMs: scene.now.wallMs + scene.policy.rebootDeadlineMs },
    scene,
  });
}
