import { countSlots, slotRefusal } from "../budget/slots.ts";
import { actWhenFree } from "../attempt.ts";
import { advance } from "../fleet/advance.ts";
import { agentStanding } from "../fleet/agent.ts";
import { bootChanged } from "../fleet/boot.ts";
import { hasOurEntry, holders, type SeenLedger } from "../lock/place.ts";
import { ledgerFresh, ledgerWrite, lockedBy, lookAtLedger, overdue, waitForPlace } from "../lock/waiting.ts";
import { addEntry } from "../lock/write.ts";
import { parseInstant } from "../json.ts";
import { needRefusal, requestRefusals, windowRefusal } from "../policy/refusals.ts";
import type { NodeInHand, Scene, Step } from "../scene.ts";
import { abandon } from "./abandon.ts";

/** The intent is written; the ledger decides. Nothing has been done to the node yet, so anything may undo it. */
export function intended(inHand: NodeInHand, scene: Scene): Step {
  const { ledger } = scene.view;
  if (ledger.kind === "unseen") return lookAtLedger({ code: "LockUnknown", detail: ledger.reason }, scene);
  if (hasOurEntry(ledger, inHand))
    return advance(inHand, { step: "claim", change: { phase: "claimed" }, reason: { code: "Claiming" }, scene });
  const refusal = beforeCordon(inHand, scene);
  if (refusal) return refusal;
  return takePlace(inHand, { ledger, scene });
}

/** What gives up a node that we have not touched yet, and what must be found out first. */
export function beforeCordon(inHand: NodeInHand, scene: Scene): Step | undefined {
  const { node } = inHand;
  if (bootChanged(inHand))
    return abandon(inHand, { reason: { code: "Closing", detail: "it was rebooted meanwhile" }, scene });
  const refusal = needRefusal(node) ?? requestRefusals(node, scene)[0] ?? windowRefusal(scene);
  if (refusal) return abandon(inHand, { reason: refusal.reason, scene });
  const agent = agentStanding(node, { scene, freshForMs: scene.policy.freshness.restingMs });
  if (agent.kind === "missing") return abandon(inHand, { reason: agent.reason, scene });
  if (agent.kind === "ask") return { reasons: [agent.reason], questions: [agent.question] };
  return undefined;
}

/** One compare-and-swap on what the ledger says now, however old our intent is. */
function takePlace({ node, record }: NodeInHand, { ledger, scene }: { ledger: SeenLedger; scene: Scene }): Step {
  const { policy } = scene;
  const inLedger = holders(ledger, scene);
  const full = slotRefusal(node, { slots: countSlots(inLedger, scene), intents: 0 });
  if (full) return waitForPlace(full, { inLedger, scene });
  if (!ledgerFresh(ledger, scene)) return lookAtLedger({ code: "Claiming" }, scene);
  const entry = {
    nodeId: node.name,
    unschedulable: node.unschedulable,
    created: record.lock,
    createdMs: parseInstant(record.lock),
    ttlNs: policy.lockTtlNs,
  };
  const added = addEntry(ledger.text, { entry, concurrency: policy.concurrency, over: overdue(inLedger) });
  if (added.kind !== "added") return waitForPlace(lockedBy(inLedger, ledger), { inLedger, scene });
  const write = ledgerWrite(ledger, { step: "take", node: node.name, text: added.text });
  return actWhenFree(write, { reason: { code: "Claiming" }, scene });
}
