import type { NodeFacts } from "../fleet/node.ts";
import { inForce } from "../fleet/request.ts";
import { monotonicOf, type Scene } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import { describeWindow, windowAt, type WindowState } from "../window/classic.ts";

/** Why something may not be, and when (monotonic) that can change although nothing happens. */
export interface Refusal {
  readonly reason: Reason;
  readonly wakeAtMs?: number;
}

/** Whether the node needs a reboot at all, and could be rebooted; `undefined` means yes to both. */
export function needRefusal(node: NodeFacts): Refusal | undefined {
  const reading = node.report;
  switch (reading.kind) {
    case "absent":
      return { reason: { code: "AgentMissing", detail: "no agent has reported from it yet" } };
    case "unreadable":
      return { reason: { code: "ReportUnreadable", detail: reading.reason, text: reading.text } };
    case "report": {
      const { need, evidence, impediment } = reading.report;
      if (need === "notRequired") return { reason: { code: "NotRequired", evidence } };
      if (need === "unknown") return { reason: { code: "SentinelUnknown", evidence } };
      if (impediment !== undefined) return { reason: { code: "CannotReboot", detail: impediment } };
      return undefined;
    }
  }
}

/** What people asked for: a pause of the fleet, a pause or a hold of this node. All that are in force. */
export function requestRefusals(node: NodeFacts, scene: Scene): readonly Refusal[] {
  const { view, now } = scene;
  const fleet = view.ledger.kind === "seen" ? inForce(view.ledger.pause, now.wallMs) : undefined;
  const pause = inForce(node.pause, now.wallMs);
  const hold = inForce(node.hold, now.wallMs);
  if (fleet === undefined && pause === undefined && hold === undefined) return none;
  const refusals: Refusal[] = [];
  if (fleet) refusals.push(until({ code: "Paused", scope: "fleet", ...fleet }, scene));
  if (pause) refusals.push(until({ code: "Paused", scope: "node", ...pause }, scene));
  if (hold) refusals.push(until({ code: "Held", ...hold }, scene));
  return refusals;
}

const none: readonly Refusal[] = [];

/** Whether now is a time at which the operator allows reboots. */
export function windowRefusal(scene: Scene): Refusal | undefined {
  const { policy, now } = scene;
  const { open, changesAtMs } = windowNow(scene);
  if (open) return undefined;
  const opens = changesAtMs === undefined ? {} : { opensAtMs: changesAtMs };
  return {
    reason: { code: "OutsideWindow", window: describeWindow(policy.window), ...opens },
    ...(changesAtMs !== undefined && { wakeAtMs: monotonicOf(changesAtMs, now) }),
  };
}

/** When the window closes (monotonic), for those who rely on its being open. */
export function windowClosesAtMs(scene: Scene): number | undefined {
  const { changesAtMs } = windowNow(scene);
  return changesAtMs === undefined ? undefined : monotonicOf(changesAtMs, scene.now);
}

function windowNow({ policy, now, memo }: Scene): WindowState {
  const state = memo?.window ?? windowAt(policy.window, now.wallMs);
  if (memo) memo.window = state;
  return state;
}

function until(reason: Reason & { readonly untilMs?: number }, { now }: Scene): Refusal {
  return { reason, ...(reason.untilMs !== undefined && { wakeAtMs: monotonicOf(reason.untilMs, now) }) };
}
