import type { Question } from "../question.ts";
import type { NodeInHand, Scene } from "../scene.ts";

/** What somebody who waits with a node in hand goes on looking at. */
export function resting(inHand: NodeInHand, scene: Scene): readonly Question[] {
  const restMs = restingMs(inHand, scene);
  return [
    { kind: "nodes", freshForMs: restMs },
    { kind: "ledger", freshForMs: Math.min(2 * restMs, Math.max(ledgerPatientMs, restMs)) },
  ];
}

/**
 * How old what is looked at meanwhile may be. A drain that has just begun is looked after closely; one that is held
 * back, perhaps for hours, must not ask the API server as often all the time.
 */
export function restingMs({ record }: NodeInHand, { policy, now }: Scene): number {
  return Math.max(policy.freshness.restingMs, Math.min(now.wallMs - record.phaseSinceMs, patientMs));
}

const patientMs = 20_000;
/** Who takes the lock away from a drain is heard within half a minute. */
const ledgerPatientMs = 25_000;
