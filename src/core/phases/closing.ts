import { actWhenFree } from "../attempt.ts";
import { forget } from "../fleet/advance.ts";
import { hasOurEntry, type SeenLedger } from "../lock/place.ts";
import { nextWaits } from "./drain/ready-elsewhere.ts";
import { ledgerKey, ledgerWrite, lockUnknown, lookAtLedger } from "../lock/waiting.ts";
import { readWithout, removeEntry } from "../lock/write.ts";
import { untold } from "../notices/reached.ts";
import { needRefusal } from "../policy/refusals.ts";
import { newerThan, type Question } from "../question.ts";
import { also, clockErrorMsMax, monotonicOf, once, type NodeInHand, type Scene, type Step } from "../scene.ts";
import { publishedFor } from "../verdict/published.ts";
import type { Reason } from "../verdict/reason.ts";

/** Our marks are off the node: the lock is given back, the outcome told, and the record kept only as a brake. */
export function closing(inHand: NodeInHand, scene: Scene): Step {
  const { ledger } = scene.view;
  if (ledger.kind === "unseen") return lookAtLedger(lockUnknown(ledger), scene);
  if (hasOurEntry(inHand, { ledger, scene })) return release(inHand, { ledger, scene });
  const rest = braked(inHand, scene);
  const proof = entryProvenGone(inHand, { ledger, scene });
  if (proof === "proven") return rest ?? told(inHand, scene);
  return also(rest ?? { reasons: [outcomeReason(inHand)] }, proof);
}

function release(inHand: NodeInHand, { ledger, scene }: { ledger: SeenLedger; scene: Scene }): Step {
  const { node, record } = inHand;
  const delayMs = record.outcome === "withdrawn" ? 0 : scene.policy.lockReleaseDelayMs;
  const releaseAtMs = monotonicOf(record.phaseSinceMs + delayMs, scene.now);
  if (releaseAtMs > scene.now.monotonicMs) {
    const until = new Date(record.phaseSinceMs + delayMs).toISOString();
    return { reasons: [{ code: "Closing", detail: `the lock is kept until ${until}` }], wakeAtMs: [releaseAtMs] };
  }
  const waits = nextWaits(inHand, scene);
  if (waits) return waits;
  const whole = once(scene, "ledgerToLeave", () => readWithout(ledger.text));
  const removal = removeEntry(whole, { nodeId: node.name, created: record.lock });
  const reason = outcomeReason(inHand);
  if (removal.kind !== "removed") return lookAtLedger(reason, scene);
  return actWhenFree(ledgerWrite(ledger, { step: "release", node: node.name, text: removal.text }), { reason, scene });
}

/**
 * Without an entry in sight, the record still waits for a look at the ledger that is younger than itself. What was
 * withdrawn is looked at again after every request that could still bring an entry has long ended: an entry that
 * comes after its record has gone would be taken for somebody else's.
 */
function entryProvenGone(
  { record }: NodeInHand,
  { ledger, scene }: { ledger: SeenLedger; scene: Scene },
): "proven" | Pick<Step, "questions" | "wakeAtMs"> {
  const { now } = scene;
  const sinceMs = monotonicOf(record.phaseSinceMs, now);
  // Who was approved once was in the ledger then: a claim that is still on its way would meet a newer version of it.
  const entryMayCome = record.outcome === "withdrawn" && record.attempt === 0;
  const settledAtMs = sinceMs + (entryMayCome ? lateRequestsEndAfterMs : 0);
  if (ledger.observedAtMs >= settledAtMs && settledAtMs <= now.monotonicMs) return "proven";
  const wantedMs = settledAtMs <= now.monotonicMs ? settledAtMs : sinceMs;
  return {
    // The watch may tell of our own write before its answer comes, which proves as much as a look.
    ...(ledger.observedAtMs < wantedMs &&
      !isWriting(scene) && {
        questions: [{ kind: "ledger", freshForMs: newerThan(wantedMs, { now, freshForMs: Infinity }) }],
      }),
    ...(settledAtMs > now.monotonicMs && { wakeAtMs: [settledAtMs] }),
  };
}

const lateRequestsEndAfterMs = 35_000;

function isWriting({ view }: Scene): boolean {
  return view.attempts.get(ledgerKey)?.inFlightSinceMs !== undefined;
}

/** What must not happen again at once is braked by the record itself, which then holds nothing. */
function braked(inHand: NodeInHand, scene: Scene): Step | undefined {
  const { node, record } = inHand;
  if (needRefusal(node)?.reason.code === "NotRequired") return undefined;
  const { now, policy } = scene;
  // Somebody may remove the record, and who watches nothing would never hear of it.
  const questions: readonly Question[] = [{ kind: "nodes", freshForMs: policy.freshness.waitingMs }];
  if (record.outcome === "stillRequired") return { reasons: [outcomeReason(inHand)], questions };
  if (record.rest === undefined || record.rest.untilMs <= now.wallMs) return undefined;
  // No rest is longer than one period: an instant beyond it was written by a clock that was wrong.
  if (record.rest.untilMs > now.wallMs + policy.retryMs + clockErrorMsMax) return undefined;
  return {
    reasons: [{ code: "Resting", untilMs: record.rest.untilMs, because: record.rest.because }],
    questions,
    wakeAtMs: [monotonicOf(record.rest.untilMs, now)],
  };
}

/** The record goes when the outcome has been told, or after ten minutes of trying. */
function told(inHand: NodeInHand, scene: Scene): Step {
  const { node, record } = inHand;
  const reason = outcomeReason(inHand);
  const untilMs = record.phaseSinceMs + tellMsMax;
  const isPublished = record.outcome !== "done" || publishedFor(node.published, { code: "Done", recordId: record.id });
  const isTold = isPublished && (!scene.policy.notices || untold({ ...inHand, view: scene.view }).length === 0);
  if (isTold || scene.now.wallMs >= untilMs) return forget(inHand, { reason, scene });
  return {
    reasons: [reason],
    ...(!isPublished && { questions: [{ kind: "nodes", freshForMs: scene.policy.freshness.restingMs }] }),
    wakeAtMs: [monotonicOf(untilMs, scene.now)],
  };
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
