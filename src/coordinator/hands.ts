import type { Action } from "../core/action.ts";
import { evictPod } from "./perform/evict-pod.ts";
import { writeLedger } from "./perform/write-ledger.ts";
import { writeRecord } from "./perform/write-record.ts";
import type { HandsParts, Performed } from "./perform/performed.ts";

/** Carries out what was decided. */
export interface Hands {
  /** Marks the action as under way and begins it; its outcome goes into the world. */
  start(action: Action): void;
}

/** Hands whose every act is in the view before it begins. */
export function createHands(parts: HandsParts): Hands {
  const { world, tasks } = parts;
  return {
    start: (action) => {
      world.attempts.begin(action.key);
      tasks.start(async () => {
        const { outcome, refusedBy } = await act(action, parts);
        world.attempts.end(action.key, { outcome, ...(refusedBy !== undefined && { refusedBy }) });
        world.changed();
      });
    },
  };
}

async function act(action: Action, parts: HandsParts): Promise<Performed> {
  const limit = actDeadline(parts);
  try {
    return await perform(action, { ...parts, signal: limit.signal });
  } catch (error) {
    // Only our own end is a rejection to pass on; a deadline of this act is one of its outcomes.
    parts.signal.throwIfAborted();
    return { outcome: { kind: "failed", reason: error instanceof Error ? error.message : String(error) } };
  } finally {
    limit.clear();
  }
}

/** Requests end before the leadership does, so that a late one of an old leader is the rare exception. */
function actDeadline({ world, clock, signal }: HandsParts): { readonly signal: AbortSignal; clear(): void } {
  const { leadership } = world.view();
  const leftMs = leadership.kind === "leading" ? leadership.untilMs - clock.now().monotonicMs : Infinity;
  return clock.deadline(Math.min(Math.max(0, leftMs - marginMs), longestActMs), { signal });
}

const marginMs = 1_000;
const longestActMs = 30_000;

function perform(action: Action, parts: HandsParts): Promise<Performed> {
  switch (action.kind) {
    case "writeRecord":
      return writeRecord(action, parts);
    case "writeLedger":
      return writeLedger(action, parts);
    case "evict":
      return evictPod(action, parts);
  }
}
