import type { Action } from "../core/action.ts";
import { deletePod } from "./perform/delete-pod.ts";
import { evictPod } from "./perform/evict-pod.ts";
import { notify } from "./perform/notify.ts";
import { writeLedger } from "./perform/write-ledger.ts";
import { writeRecord } from "./perform/write-record.ts";
import type { ActParts, HandsParts, Performed } from "./perform/performed.ts";

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
        const { outcome, refusedBy, see } = await act(action, parts);
        world.attempts.end(action.key, { outcome, ...(refusedBy !== undefined && { refusedBy }) });
        see?.();
        world.changed();
      });
    },
  };
}

async function act(action: Action, parts: HandsParts): Promise<Performed> {
  return await perform(action, { ...parts, timeoutMs: timeLeftMs(parts) });
}

/** Requests end before the leadership does, so that a late one of an old leader is the rare exception. */
function timeLeftMs({ world, clock }: HandsParts): number {
  const { leadership } = world.view();
  const leftMs = leadership.kind === "leading" ? leadership.untilMs - clock.now().monotonicMs : Infinity;
  return Math.min(Math.max(1, leftMs - marginMs), longestActMs);
}

const marginMs = 1_000;
const longestActMs = 30_000;

function perform(action: Action, parts: ActParts): Promise<Performed> {
  switch (action.kind) {
    case "writeRecord":
      return writeRecord(action, parts);
    case "writeLedger":
      return writeLedger(action, parts);
    case "evict":
      return evictPod(action, parts);
    case "deletePod":
      return deletePod(action, parts);
    case "notify":
      return notify(action, parts);
  }
}
