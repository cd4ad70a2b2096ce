import type { Action } from "./action.ts";
import type { Attempt } from "./fleet/view.ts";
import type { Now } from "./now.ts";
import type { Scene, Step } from "./scene.ts";
import type { Reason } from "./verdict/reason.ts";

/** Whether something may be tried now. */
export type Readiness =
  | { readonly kind: "free" }
  /** Under way: its outcome will wake us. */
  | { readonly kind: "busy" }
  /** The last try failed; `untilMs` is monotonic. */
  | { readonly kind: "resting"; readonly untilMs: number };

/** Whether an action of this key may be begun. A conflict is tried again at once a few times, then like a failure. */
export function readiness(
  key: string,
  { attempts, now }: { readonly attempts: ReadonlyMap<string, Attempt>; readonly now: Now },
): Readiness {
  const attempt = attempts.get(key);
  if (attempt === undefined) return { kind: "free" };
  if (attempt.inFlightSinceMs !== undefined) return { kind: "busy" };
  const { last, failures, jitter } = attempt;
  if (last === undefined || last.outcome.kind === "done") return { kind: "free" };
  const untilMs = last.endedAtMs + restMs(failures, { conflict: last.outcome.kind === "conflict", jitter });
  return untilMs <= now.monotonicMs ? { kind: "free" } : { kind: "resting", untilMs };
}

const restBaseMs = 1_000;
const restMsMax = 30_000;
const conflictsWithoutRest = 3;

function restMs(failures: number, { conflict, jitter }: { conflict: boolean; jitter: number }): number {
  const steps = conflict ? failures - conflictsWithoutRest : Math.max(1, failures);
  if (steps <= 0) return 0;
  return Math.min(restMsMax, restBaseMs * 2 ** (steps - 1)) * (0.8 + 0.4 * jitter);
}

/** A step that does this one action as soon as its key is free, and gives this reason. */
export function actWhenFree(action: Action, { reason, scene }: { reason: Reason; scene: Scene }): Step {
  const ready = readiness(action.key, { attempts: scene.view.attempts, now: scene.now });
  switch (ready.kind) {
    case "free":
      return { reasons: [reason], actions: [action] };
    case "busy":
      return { reasons: [reason] };
    case "resting":
      return { reasons: [reason], wakeAtMs: [ready.untilMs] };
  }
}

/** When the last write of this key by this process ended, whatever came of it; minus infinity if there was none. */
export function lastEndedAtMs(key: string, { view }: Scene): number {
  return view.attempts.get(key)?.last?.endedAtMs ?? -Infinity;
}
