import { actWhenFree } from "../attempt.ts";
import { forget } from "../fleet/advance.ts";
import { hasOurEntry, type SeenLedger } from "../lock/place.ts";
import { ledgerFresh, ledgerWrite, lookAtLedger } from "../lock/waiting.ts";
import { removeEntry } from "../lock/write.ts";
import { needRefusal } from "../policy/refusals.ts";
import { monotonicOf, type NodeInHand, type Scene, type Step } from "../scene.ts";
import { publishedFor } from "../verdict/published.ts";
import type { Reason } from "../verdict/reason.ts";

/** Our marks are off the node: the lock is given back, the outcome told, and the record kept only as a brake. */
export function closing(inHand: NodeInHand, scene: Scene): Step {
  const { ledger } = scene.view;
  if (ledger.kind === "unseen") return lookAtLedger({ code: "LockUnknown", detail: ledger.reason }, scene);
  if (hasOurEntry(ledger, inHand)) return release(inHand, { ledger, scene });
  // An older look cannot prove that the entry is gone.
  if (!ledgerFresh(ledger, scene)) return lookAtLedger(outcomeReason(inHand), scene);
  return braked(inHand, scene) ?? told(inHand, scene);
}

function release(inHand: NodeInHand, { ledger, scene }: { ledger: SeenLedger; scene: Scene }): Step {
  const { node, record } = inHand;
  const delayMs = record.outcome === "withdrawn" ? 0 : scene.policy.lockReleaseDelayMs;
  const releaseAtMs = monotonicOf(record.phaseSinceMs + delayMs, scene.now);
  if (releaseAtMs > scene.now.monotonicMs) {
    const until = new Date(record.phaseSinceMs + delayMs).toISOString();
    return { reasons: [{ code: "Closing", detail: `the lock is kept until ${until}` }], wakeAtMs: [releaseAtMs] };
  }
  const removal = removeEntry(ledger.text, { nodeId: node.name, created: record.lock });
  const reason = outcomeReason(inHand);
  if (removal.kind !== "removed") return lookAtLedger(reason, scene);
  return actWhenFree(ledgerWrite(ledger, { step: "release", node: node.name, text: removal.text }), { reason, scene });
}

/** What must not happen again at once is braked by the record itself, which then holds nothing. */
function braked(inHand: NodeInHand, scene: Scene): Step | undefined {
  const { node, record } = inHand;
  if (needRefusal(node)?.reason.code === "NotRequired") return undefined;
  if (record.outcome === "stillRequired") return { reasons: [outcomeReason(inHand)] };
  if (record.rest === undefined || record.rest.untilMs <= scene.now.wallMs) return undefined;
  return {
    reasons: [{ code: "Resting", untilMs: record.rest.untilMs, because: record.rest.because }],
    wakeAtMs: [monotonicOf(record.rest.untilMs, scene.now)],
  };
}

/** The record goes when the outcome has been told, or after ten minutes of trying. */
function told(inHand: NodeInHand, scene: Scene): Step {
  const { node, record } = inHand;
  const reason = outcomeReason(inHand);
  const untilMs = record.phaseSinceMs + tellMsMax;
  const isTold = record.outcome !== "done" || publishedFor(node.published, { code: "Done", recordId: record.id });
  if (isTold || scene.now.wallMs >= untilMs) return forget(inHand, { reason, scene });
  return { reasons: [reason], wakeAtMs: [monotonicOf(untilMs, scene.now)] };
}

const tellMsMax = 10 * 60_000;

function outcomeReason({ node, record }: NodeInHand): Reason {
  switch (record.outcome ?? "withdrawn") {
    case "done":
      return { code: "Done" };
    case "stillRequired": {
      const evidence = node.report.kind === "report" ? node.report.report.evidence : "";
      return { code: "StillRequired", evidence };
    }
    case "withdrawn":
      return { code: "Closing", detail: record.rest?.because ?? "" };
  }
}
