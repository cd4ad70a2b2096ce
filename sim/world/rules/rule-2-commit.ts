import { approvalOf } from "../../../src/core/fleet/record.ts";
import { decodeReport, reportAnnotation, type CommandedReboot } from "../../../src/core/fleet/report.ts";
import { decodeRequest, holdAnnotation, pauseAnnotation } from "../../../src/core/fleet/request.ts";
import { at, listAt, textAt } from "../../apiserver/objects/json.ts";
import type { KubeObject } from "../../apiserver/objects/object.ts";
import { nodeOf } from "../../cluster/seen-pods.ts";
import { bootIdOf } from "../hosts/machine.ts";
import { coordinatorApp } from "../processes/kubelet.ts";
import type { Container } from "../processes/container.ts";
import { annotationOf, nodeNamed, recordOn } from "../reading.ts";
import type { World } from "../world.ts";
import { isGiven, nodeWrite, phaseOn, type NodeWrite, type Rule } from "./scenery.ts";
import type { WriterKind } from "../authors/writer.ts";

/** A pod that is so old was there to be seen when the approval was decided on. */
const seenMs = 60_000;
/** The command runs within ten seconds of the commit, by a clock that may be a little slow. */
const commandWithinMs = 10_500;

/** Rule 2: a reboot is commanded only after a commit to the approval, once, with the cordon, and with nothing left. */
export const commit: Rule = ({ world }) => {
  const committedAtMs = new Map<string, number>();
  const run = new Set<string>();
  const commandedBoots = new Set<string>();
  const uncordonedBy = new Map<string, WriterKind>();
  return {
    written: (change, user) => {
      const write = nodeWrite(change, user);
      if (write === undefined) return;
      if (isCordoned(write.before) && !isCordoned(write.after)) uncordonedBy.set(write.name, write.writer);
      if (write.writer !== "ours") return;
      if (phaseOn(write.before) !== "approved" && phaseOn(write.after) === "approved") checkLeft(write, world);
      checkCommit(write, { world, committedAtMs });
    },
    rebootAsked: (container) => {
      const machine = world.machines.get(container.workplace.machine);
      if (machine !== undefined) commandedBoots.add(machine.bootId);
      checkCommand(container, { world, committedAtMs, run });
    },
    power: ({ name, state, bootId }) => {
      const given = !isCordoned(nodeNamed(name, world)) && uncordonedBy.get(name) === "ours";
      if (state === "stopping" && commandedBoots.has(bootId) && given && nodeNamed(name, world) !== undefined)
        world.break("rule 2", `${name} goes down after it was given back`);
    },
  };
};

function isCordoned(node: KubeObject | undefined): boolean {
  return at(node, "spec", "unschedulable") === true;
}

function commandedOn(node: KubeObject | undefined): CommandedReboot | undefined {
  const reading = decodeReport(annotationOf(node, reportAnnotation));
  return reading.kind === "report" ? reading.report.commanded : undefined;
}

interface Commits {
  readonly world: World;
  /** By approval. */
  readonly committedAtMs: Map<string, number>;
}

function checkCommit({ name, before, after }: NodeWrite, { world, committedAtMs }: Commits): void {
  const [was, is] = [commandedOn(before), commandedOn(after)];
  if (is === undefined || is.result !== undefined || was?.approval === is.approval) return;
  if (committedAtMs.has(is.approval)) return;
  committedAtMs.set(is.approval, world.timeline.nowMs);
  world.coverage.count("reboot", "committed");
  const record = recordOn(before);
  if (record?.phase !== "approved" || approvalOf(record) !== is.approval)
    world.break("rule 2", `${name} commits to ${is.approval}, which is not approved`);
  if (!isCordoned(before)) world.break("rule 2", `${name} commits without a cordon`);
  for (const key of [pauseAnnotation, holdAnnotation]) {
    const request = decodeRequest(annotationOf(before, key));
    // One with an end may be over by the agent's clock.
    if (request !== undefined && request.untilMs === undefined)
      world.break("rule 2", `${name} commits although ${key} stands there`);
  }
}

function checkCommand(
  container: Container,
  { world, committedAtMs, run }: Commits & { readonly run: Set<string> },
): void {
  const { machine: name } = container.workplace;
  const node = nodeNamed(name, world);
  world.coverage.count("reboot", "commanded");
  const approval = commandedOn(node)?.approval;
  // Its Node was deleted under it, or somebody removed the report, after the commit.
  if (node === undefined || approval === undefined) return;
  const sinceMs = world.timeline.nowMs - (committedAtMs.get(approval) ?? -Infinity);
  if (sinceMs > commandWithinMs) world.break("rule 2", `${name} runs the command ${sinceMs} ms after the commit`);
  if (run.has(approval)) world.break("rule 2", `${name} runs the command twice for ${approval}`);
  run.add(approval);
}

/** What the drain had to remove must be gone when its end is written down. */
function checkLeft({ name, by }: NodeWrite, world: World): void {
  if (isGiven("--force-reboot", world)) return;
  const { nowMs, wallMs } = world.timeline;
  const left = world.server.objects("pods").filter((pod) => {
    const ageMs = wallMs - Date.parse(textAt(pod, "metadata", "creationTimestamp") ?? "");
    const isDaemon = listAt(pod, "metadata", "ownerReferences").some((one) => at(one, "kind") === "DaemonSet");
    const isSelf = textAt(pod, "metadata", "labels", "app") === coordinatorApp && by.endsWith(`/${pod.metadata.name}`);
    return nodeOf(pod) === name && !isDaemon && !isSelf && ageMs > seenMs && nowMs > seenMs;
  });
  if (left.length > 0)
    world.break("rule 2", `${name} is approved with ${left.map(({ metadata }) => metadata.name).join(", ")} on it`);
}

/** Whether a boot is that of an earlier start of this machine. */
export function isEarlier(boot: string, { name, boots }: { readonly name: string; readonly boots: number }): boolean {
  return Array.from({ length: boots - 1 }, (_, index) => bootIdOf(name, index + 1)).includes(boot);
}
