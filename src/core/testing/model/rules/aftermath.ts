import type { Action } from "../../../action.ts";
import type { View } from "../../../fleet/view.ts";
import type { Now } from "../../../now.ts";
import type { Policy } from "../../../policy/policy.ts";
import type { Cluster } from "../cluster.ts";

/**
 * What an action ought to wait for, because the pods of its node have left it behind and the operator wants that waited
 * for; `undefined` where there is nothing, or its time is over.
 */
export function leftBehind(
  action: Extract<Action, { kind: "writeRecord" | "writeLedger" }>,
  { view, policy, now, cluster }: { view: View; policy: Policy; now: Now; cluster: Cluster },
): string | undefined {
  const node = view.nodes.find(({ name }) => name === action.node);
  if (node === undefined || node.record.kind !== "record") return undefined;
  const { drainedAtMs = now.wallMs, phaseSinceMs, phase, outcome, owners = [] } = node.record.record;
  const { volumeDetachTimeoutMs, readyElsewhere } = policy;
  const isOver = (fromMs: number, limitMs: number): boolean => fromMs + limitMs <= now.wallMs;
  const volumes = cluster.aftermath.attached(node.name);
  const lacking = owners.filter((owner) => cluster.aftermath.missing(owner.split("/")[2] ?? "") > 0);
  if (action.step === "approve") {
    if (volumes.length > 0 && !isOver(drainedAtMs, volumeDetachTimeoutMs)) return volumes.join(", ");
    const waits = readyElsewhere.waits === "reboot" && !isOver(drainedAtMs, readyElsewhere.timeoutMs);
    return waits && lacking.length > 0 ? lacking.join(", ") : undefined;
  }
  if (action.step !== "release" || phase !== "closing" || outcome !== "done") return undefined;
  const waits = readyElsewhere.waits === "next" && !isOver(phaseSinceMs, readyElsewhere.timeoutMs);
  return waits && lacking.length > 0 ? lacking.join(", ") : undefined;
}
