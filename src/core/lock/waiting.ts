import type { Action, LedgerStep } from "../action.ts";
import { lastEndedAtMs } from "../attempt.ts";
import { recordKey } from "../fleet/advance.ts";
import type { LedgerFacts } from "../fleet/view.ts";
import { newerThan, type Question } from "../question.ts";
import { monotonicOf, once, type NodeInHand, type Scene, type Step } from "../scene.ts";
import type { Reason } from "../verdict/reason.ts";
import type { Holder } from "./holder.ts";
import { hasOurEntry, isOver, type SeenLedger } from "./place.ts";

/** The key under which all writes of the ledger are tried. */
export const ledgerKey = "ledger";

/** A write of the ledger; all are tried under one key, so that one is under way at a time. */
export function ledgerWrite(
  ledger: SeenLedger,
  { step, node, text }: { step: LedgerStep; node: string; text: string | undefined },
): Action {
  return { kind: "writeLedger", key: ledgerKey, step, node, resourceVersion: ledger.resourceVersion, text };
}

/** Entries that are proven to be over, which a claim drops in the same write. */
export function overdue(inLedger: readonly Holder[]): readonly { readonly nodeId: string; readonly created: string }[] {
  return inLedger.filter(isOver).map(({ entry }) => ({ nodeId: entry.nodeId, created: entry.created }));
}

/**
 * Why the lock itself, apart from the number of places, keeps a newcomer out, if it does: nobody can read it, a person
 * pauses the fleet with it, or somebody is in it in the format of another `--concurrency`, whatever the limit.
 */
export function lockRefusal(
  inLedger: readonly Holder[],
  { ledger, limit, scene }: { ledger: SeenLedger; limit: number; scene: Scene },
): Reason | undefined {
  return once(scene, "lockRefusal", () => ({
    reason: refuses(inLedger, { ledger, limit }) ? lockedBy(inLedger, ledger) : undefined,
  })).reason;
}

function refuses(inLedger: readonly Holder[], { ledger, limit }: { ledger: SeenLedger; limit: number }): boolean {
  if (ledger.ledger.kind === "unreadable") return true;
  const others = inLedger.filter((holder) => !isOver(holder));
  if (others.some(({ standing }) => standing.kind === "pauseByHand")) return true;
  const format = limit > 1 ? "multi" : "single";
  if (ledger.ledger.kind !== "free" && ledger.ledger.kind !== format && others.length > 0) return true;
  return others.length >= limit && others.some(({ standing }) => standing.kind !== "ours");
}

/** Waits for others, for this reason. */
export function waitForPlace(reason: Reason, { inLedger, scene }: { inLedger: readonly Holder[]; scene: Scene }): Step {
  return { reasons: [reason], ...placeWait(inLedger, scene) };
}

/** What all who wait for others look for: seldom, so that a thousand waiting nodes cost the API server little. */
export function placeWait(inLedger: readonly Holder[], scene: Scene): Required<Pick<Step, "questions" | "wakeAtMs">> {
  return once(scene, "placeWait", () => findPlaceWait(inLedger, scene));
}

function findPlaceWait(inLedger: readonly Holder[], scene: Scene): ReturnType<typeof placeWait> {
  return {
    questions: [
      { kind: "ledger", freshForMs: scene.policy.freshness.waitingMs },
      ...inLedger.flatMap(({ question }) => question ?? []),
    ],
    wakeAtMs: inLedger.flatMap(({ standing }) =>
      standing.kind === "held" && standing.untilMs !== undefined ? monotonicOf(standing.untilMs, scene.now) : [],
    ),
  };
}

/**
 * Nodes that hold the lock and have been away for longer than a reboot may take. Where every node decides for itself,
 * the daemon that could tell of it is away with its node, so those that wait for it do.
 */
export function neverBack(inLedger: readonly Holder[], scene: Scene): readonly string[] {
  return once(scene, "neverBack", () => {
    const longAgoMs = scene.now.wallMs - scene.policy.rebootDeadlineMs;
    return inLedger.flatMap(({ entry, node }) => ((node?.awaySinceMs ?? Infinity) < longAgoMs ? [entry.nodeId] : []));
  });
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
  const shown = others.length > 0 ? others : inLedger;
  const more = shown.length - toldMax;
  return {
    code: "LockedBy",
    holders: shown.map(({ entry }) => entry.nodeId),
    detail: [...shown.slice(0, toldMax).map(holderSentence), ...(more > 0 ? [`and ${more} more`] : [])].join("; "),
    ...(shown.some(isBeingAsked) && { looking: true }),
  };
}

/** Whether a person or a node is in it has not been found out yet. */
function isBeingAsked({ entry, standing, isLookedAt }: Holder): boolean {
  return entry.createdMs === undefined && standing.kind === "held" && !isLookedAt;
}

/** With hundreds of holders a verdict would outgrow its annotation. */
const toldMax = 10;

function holderSentence({ entry, standing }: Holder): string {
  const name = JSON.stringify(entry.nodeId);
  if (standing.kind === "held" && entry.createdMs === undefined)
    return `${name} holds it without a time, and whether that is a node cannot be told now`;
  switch (standing.kind) {
    case "pauseByHand":
      return `${name} is no node, so somebody pauses the fleet by hand until the lock annotation is removed`;
    case "heldOld":
      return `${name} holds it since before kured 1.6, without end`;
    case "held":
      return standing.untilMs === undefined
        ? `${name} holds it since ${entry.created}`
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

/** Why nothing can be said of a ledger that is not seen. */
export function lockUnknown({ reason }: Extract<LedgerFacts, { kind: "unseen" }>): Reason {
  if (reason !== undefined) return { code: "LockUnknown", detail: reason };
  return { code: "LockUnknown", detail: "it has not been read yet", looking: true };
}

/** Reads the ledger again, as often as those who wait for it may. */
export function lookAtLedger(reason: Reason, scene: Scene): Step {
  return { reasons: [reason], questions: [{ kind: "ledger", freshForMs: scene.policy.freshness.waitingMs }] };
}

/** Whether the ledger was read recently enough to write it. */
export function ledgerFresh({ observedAtMs }: SeenLedger, { policy, now }: Scene): boolean {
  return observedAtMs + policy.freshness.waitingMs >= now.monotonicMs;
}

/**
 * The look at the ledger that a decisive step still needs; `undefined` when it has been taken. It must be younger than
 * this process's last write of the record: an older one may lack what that record rests on.
 */
export function decisiveLook({ node }: NodeInHand, scene: Scene): Question | undefined {
  const { view, policy, now } = scene;
  const sinceMs = lastEndedAtMs(recordKey(node.name), scene);
  const freshForMs = newerThan(sinceMs, { now, freshForMs: policy.freshness.decisiveMs });
  const seenAtMs = view.ledger.kind === "seen" ? view.ledger.observedAtMs : -Infinity;
  return seenAtMs < now.monotonicMs - freshForMs ? { kind: "ledger", freshForMs } : undefined;
}

/** Whether we are still in the ledger. Being in it is believed at sight, being out of it only of a decisive look. */
export type OwnPlace =
  | { readonly kind: "held"; readonly ledger: SeenLedger }
  | { readonly kind: "lost" }
  | { readonly kind: "unsure"; readonly step: Step };

/** Where the entry that the record names stands, or what must be found out to know. */
export function ownPlace(inHand: NodeInHand, scene: Scene): OwnPlace {
  const { ledger } = scene.view;
  if (ledger.kind === "unseen") return { kind: "unsure", step: lookAtLedger(lockUnknown(ledger), scene) };
  if (hasOurEntry(inHand, { ledger, scene })) return { kind: "held", ledger };
  const look = decisiveLook(inHand, scene);
  if (look === undefined) return { kind: "lost" };
  const detail = "our entry is not in it any more, by an older look";
  return { kind: "unsure", step: { reasons: [{ code: "LockUnknown", detail, looking: true }], questions: [look] } };
}
