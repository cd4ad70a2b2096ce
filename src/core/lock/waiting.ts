import type { Action, LedgerStep } from "../action.ts";
import type { Scene, Step } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import type { Holder, SeenLedger } from "./place.ts";

/** A write of the ledger; all are tried under one key, so that one is under way at a time. */
export function ledgerWrite(
  ledger: SeenLedger,
  { step, node, text }: { step: LedgerStep; node: string; text: string | undefined },
): Action {
  return { kind: "writeLedger", key: "ledger", step, node, resourceVersion: ledger.resourceVersion, text };
}

/** Entries that are proven to be over, which a claim drops in the same write. */
export function overdue(inLedger: readonly Holder[]): readonly { readonly nodeId: string; readonly created: string }[] {
  return inLedger
    .filter(({ standing }) => standing.kind === "expired" || standing.kind === "holderGone")
    .map(({ entry }) => ({ nodeId: entry.nodeId, created: entry.created }));
}

/** Waiting for others: looks again seldom, so that a thousand waiting nodes cost the API server little. */
export function waitForPlace(reason: Reason, { inLedger, scene }: { inLedger: readonly Holder[]; scene: Scene }): Step {
  return {
    reasons: [reason],
    questions: [
      { kind: "ledger", freshForMs: scene.policy.freshness.waitingMs },
      ...inLedger.flatMap(({ question }) => question ?? []),
    ],
  };
}

/** Who holds the lock, in the words of the lock table. */
export function lockedBy(inLedger: readonly Holder[], { ledger }: SeenLedger): Reason {
  if (ledger.kind === "unreadable")
    return {
      code: "LockedBy",
      holders: [],
      detail: `its annotation cannot be read (${ledger.reason}), which counts as a pause: ${JSON.stringify(ledger.text.slice(0, 200))}`,
    };
  const others = inLedger.filter(({ standing }) => standing.kind !== "ours");
  return {
    code: "LockedBy",
    holders: others.map(({ entry }) => entry.nodeId),
    detail: others.map((holder) => holderSentence(holder)).join("; "),
  };
}

function holderSentence({ entry, standing }: Holder): string {
  const name = JSON.stringify(entry.nodeId);
  switch (standing.kind) {
    case "pauseByHand":
      return `${name} is no node, so somebody pauses the fleet by hand until the lock annotation is removed`;
    case "heldOld":
      return `${name} holds it since before kured 1.6, without end`;
    case "held":
      return standing.untilMs === undefined
        ? `${name} holds it since ${entry.created === "" ? "an unknown time" : entry.created}`
        : `${name} holds it until ${new Date(standing.untilMs).toISOString()}`;
    case "expired":
      return `${name} held it until ${new Date(standing.sinceMs).toISOString()}`;
    case "expiredUnsettled":
      return `the time of ${name} is over, but ${standing.reason}`;
    case "holderGone":
      return `${name} held it and is gone`;
    case "ours":
      return `${name} holds it for us`;
  }
}

/** Reads the ledger again, as often as those who wait for it may. */
export function lookAtLedger(reason: Reason, scene: Scene): Step {
  return { reasons: [reason], questions: [{ kind: "ledger", freshForMs: scene.policy.freshness.waitingMs }] };
}

/** Whether the ledger was read recently enough to write it. */
export function ledgerFresh({ observedAtMs }: SeenLedger, { policy, now }: Scene): boolean {
  return observedAtMs + policy.freshness.waitingMs >= now.monotonicMs;
}
