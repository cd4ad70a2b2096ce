import { remaining } from "../../drain/plan.ts";
import { advance } from "../../fleet/advance.ts";
import { also, type NodeInHand, type Scene, type Step } from "../../scene.ts";
import { startWaiting } from "./detaching.ts";
import { lacking, ownersOf } from "./owners.ts";
import type { SeenPods } from "./pods.ts";

/** Pods that went are seen no more, so that who replaces them is written down before the first goes. */
export function rememberOwners(
  inHand: NodeInHand,
  { seen, scene }: { seen: Extract<SeenPods, { kind: "plan" }>; scene: Scene },
): Step | undefined {
  const { plan, look } = seen;
  if (scene.policy.readyElsewhere.waits === "nothing" || inHand.record.owners !== undefined) return undefined;
  const owners = ownersOf(plan);
  // What may still turn out to be in the way is waited for, and nothing is written about an empty node.
  if (owners.length === 0) return undefined;
  const reason = { code: "Draining", left: remaining(plan).length, pods: [] } as const;
  // It is written once, so that nobody may be missing.
  if (look) return { reasons: [reason], questions: [look] };
  return advance(inHand, { step: "owners", change: { owners }, reason, scene });
}

/** Whether the reboot waits for replicas, by the operator's wish. */
export function arriving(inHand: NodeInHand, scene: Scene): Step | undefined {
  const { node, record } = inHand;
  if (scene.policy.readyElsewhere.waits !== "reboot" || (record.owners ?? []).length === 0) return undefined;
  if (record.drainedAtMs === undefined) return startWaiting(inHand, scene);
  const found = lacking(record.owners ?? [], { fromMs: record.drainedAtMs, scene });
  if (found === undefined) return undefined;
  const { restingMs } = scene.policy.freshness;
  return also(
    { reasons: [{ code: "Drained", detail: found.words }], questions: found.questions, wakeAtMs: found.wakeAtMs },
    { questions: [{ kind: "pods", node: node.name, freshForMs: restingMs }] },
  );
}

/** Whether the lock is kept from the next node until the replicas of this one's pods are ready, wherever they run. */
export function nextWaits({ record }: NodeInHand, scene: Scene): Step | undefined {
  if (scene.policy.readyElsewhere.waits !== "next" || record.outcome === "withdrawn") return undefined;
  const found = lacking(record.owners ?? [], { fromMs: record.phaseSinceMs, scene });
  if (found === undefined) return undefined;
  const detail = `the lock is kept for ${found.words}`;
  return { reasons: [{ code: "Closing", detail }], questions: found.questions, wakeAtMs: found.wakeAtMs };
}
