import { advance, type Change } from "../../fleet/advance.ts";
import { clockErrorMsMax, type NodeInHand, type Scene, type Step } from "../../scene.ts";

/**
 * Sets right what another clock, which was wrong, wrote of a drain: a time that counts from an instant that lies ahead
 * would not end before then. `undefined` where there is none.
 */
export function setRight(inHand: NodeInHand, scene: Scene): Step | undefined {
  const { record } = inHand;
  const { wallMs } = scene.now;
  const isAhead = (atMs: number | undefined): boolean => atMs !== undefined && atMs > wallMs + clockErrorMsMax;
  const change: Change = {
    ...(isAhead(record.drainingSinceMs) && { drainingSinceMs: wallMs }),
    ...(isAhead(record.drainedAtMs) && { drainedAtMs: wallMs }),
    ...(isAhead(record.doubtSinceMs) && { doubtSinceMs: wallMs }),
  };
  if (Object.keys(change).length === 0) return undefined;
  return advance(inHand, { step: "raiseTerm", change, reason: { code: "Draining", pods: [] }, scene });
}
