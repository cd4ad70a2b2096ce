import { actWhenFree } from "../attempt.ts";
import { ledgerWrite } from "../lock/waiting.ts";
import { entriesOf, type SeenLedger } from "../lock/place.ts";
import { refreshEntry } from "../lock/write.ts";
import { monotonicOf, type NodeInHand, type Scene, type Step } from "../scene.ts";

/** How far our entry's time must still reach while we live: two thirds of what the flag asks. */
function neededMs({ policy }: Scene): number {
  return Number((policy.lockTtlNs * 2n) / 3n / 1_000_000n);
}

/** How far it must reach before a reboot: past the return deadline, so that nobody steals it from a working node. */
export function neededForRebootMs({ policy }: Scene): number {
  return 3 * policy.rebootDeadlineMs;
}

/** Renews our ledger entry when its time runs short; nothing where entries do not expire. */
export function renewal({ node, record }: NodeInHand, scene: Scene): Pick<Step, "actions" | "wakeAtMs"> {
  return renewFor({ node, record }, { scene, reachMs: neededMs(scene) });
}

/** Renews our entry unless it reaches `reachMs` from now; `undefined` actions mean that it does. */
export function renewFor(
  { node, record }: NodeInHand,
  { scene, reachMs }: { scene: Scene; reachMs: number },
): Pick<Step, "actions" | "wakeAtMs"> {
  const { policy, view, now } = scene;
  if (policy.lockTtlNs <= 0n || view.ledger.kind === "unseen") return {};
  const endMs = ownEndMs(view.ledger, { node: node.name, created: record.lock });
  if (endMs === undefined) return {};
  if (endMs - now.wallMs >= reachMs) return { wakeAtMs: [monotonicOf(endMs - reachMs, now) + 1] };
  const { entry } = ownEntry(view.ledger, { node: node.name, created: record.lock }) ?? {};
  if (entry?.createdMs === undefined) return {};
  const fullMs = Math.max(reachMs + 60_000, Number(policy.lockTtlNs / 1_000_000n));
  const ttlNs = BigInt(Math.ceil(now.wallMs - entry.createdMs + fullMs)) * 1_000_000n;
  const renewed = refreshEntry(view.ledger.text, { nodeId: node.name, created: record.lock, next: { ttlNs } });
  if (renewed.kind !== "refreshed") return {};
  const action = ledgerWrite(view.ledger, { step: "renew", node: node.name, text: renewed.text });
  return actWhenFree(action, { reason: { code: "Claiming" }, scene });
}

/** The wall time at which our entry ends; `undefined` when it has no end. */
export function ownEndMs(ledger: SeenLedger, own: { node: string; created: string }): number | undefined {
  const { entry } = ownEntry(ledger, own) ?? {};
  if (entry?.createdMs === undefined || entry.ttlNs <= 0n) return undefined;
  return entry.createdMs + Number(entry.ttlNs / 1_000_000n);
}

function ownEntry(ledger: SeenLedger, { node, created }: { node: string; created: string }) {
  const entry = entriesOf(ledger.ledger).find((one) => one.nodeId === node && one.created === created);
  return entry && { entry };
}
