import { actWhenFree } from "../attempt.ts";
import { slotRefusal, slotsInUse } from "../budget/slots.ts";
import { advance } from "../fleet/advance.ts";
import { agentStanding } from "../fleet/agent.ts";
import { bootChanged, bootComparable } from "../fleet/boot.ts";
import { parseInstant } from "../json.ts";
import { entriesOfNode, hasOurEntry, holders, type SeenLedger } from "../lock/place.ts";
import {
  ledgerFresh,
  ledgerWrite,
  lockedBy,
  lockRefusal,
  lockUnknown,
  lookAtLedger,
  overdue,
  waitForPlace,
} from "../lock/waiting.ts";
import { addEntry, readWithout } from "../lock/write.ts";
import { needRefusal, requestRefusals, windowRefusal } from "../policy/refusals.ts";
import { once, type NodeInHand, type Scene, type Step } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import { abandon } from "./abandon.ts";

/** The intent is written; the ledger decides. Nothing has been done to the node yet, so anything may undo it. */
export function intended(inHand: NodeInHand, scene: Scene): Step {
  const { ledger } = scene.view;
  if (ledger.kind === "unseen") return lookAtLedger(lockUnknown(ledger), scene);
  if (hasOurEntry(inHand, { ledger, scene }))
    return advance(inHand, { step: "claim", change: { phase: "claimed" }, reason: { code: "Claiming" }, scene });
  const refusal = untouchedRefusal(inHand, scene);
  if (refusal) return abandon(inHand, { reason: refusal, scene });
  if (entriesOfNode(inHand.node.name, { ledger, scene }).length > 0)
    // Without this record in the way it will be adopted.
    return abandon(inHand, {
      reason: { code: "Closing", detail: "the lock has an entry of this node already" },
      scene,
    });
  const agent = agentStanding(inHand.node, { scene, freshForMs: scene.policy.freshness.restingMs });
  if (agent.kind === "missing") return abandon(inHand, { reason: agent.reason, scene });
  if (agent.kind === "ask") return { reasons: [agent.reason], questions: [agent.question] };
  return takePlace(inHand, { ledger, scene });
}

/** Why a node that we have not touched yet is left as it is. */
export function untouchedRefusal(inHand: NodeInHand, scene: Scene): Reason | undefined {
  const { node } = inHand;
  if (bootChanged(inHand)) return { code: "Closing", detail: "it was rebooted meanwhile" };
  if (!bootComparable(inHand))
    return { code: "Closing", detail: "its agent tells its boot in another way than before" };
  if (scene.stopped.length > 0) return { code: "RollOutStopped", nodes: scene.stopped };
  return (needRefusal(node) ?? requestRefusals(node, scene)[0] ?? windowRefusal(scene))?.reason;
}

/** One compare-and-swap on what the ledger says now, however old our intent is. */
function takePlace({ node, record }: NodeInHand, { ledger, scene }: { ledger: SeenLedger; scene: Scene }): Step {
  const { policy } = scene;
  const inLedger = holders(ledger, scene);
  const slots = slotsInUse(scene);
  const locked = lockRefusal(inLedger, { ledger, limit: slots.limit, scene });
  if (locked) return waitForPlace(locked, { inLedger, scene });
  const full = slotRefusal(node, slots);
  if (full) return waitForPlace(full, { inLedger, scene });
  if (!ledgerFresh(ledger, scene)) return lookAtLedger({ code: "Claiming" }, scene);
  const entry = {
    nodeId: node.name,
    unschedulable: node.unschedulable,
    created: record.lock,
    createdMs: parseInstant(record.lock),
    ttlNs: policy.lockTtlNs,
  };
  const rest = once(scene, "ledgerToEnter", () => readWithout(ledger.text, overdue(inLedger)));
  const added = addEntry(rest, { entry, concurrency: policy.concurrency });
  if (added.kind !== "added") return waitForPlace(lockedBy(inLedger, ledger), { inLedger, scene });
  const write = ledgerWrite(ledger, { step: "take", node: node.name, text: added.text });
  return actWhenFree(write, { reason: { code: "Claiming" }, scene });
}
