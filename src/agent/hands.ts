import type { HostAction } from "../core/host/action.ts";
import type { ActionOutcome } from "../core/fleet/view.ts";
import type { AgentHandsParts } from "./perform/parts.ts";
import { commit } from "./perform/commit.ts";
import { reboot } from "./perform/reboot.ts";
import { writeReport } from "./perform/write-report.ts";

/** Carries out what an agent has decided. */
export interface AgentHands {
  /** Marks the action as under way and begins it. */
  start(action: HostAction): void;
}

/** Hands whose every act is known to the machine before it begins. */
export function createAgentHands(parts: AgentHandsParts): AgentHands {
  const { machine, tasks, random } = parts;
  const background = (key: string, work: () => Promise<ActionOutcome>) => {
    machine.attempts.begin(key);
    tasks.start(async () => {
      const outcome = await work();
      machine.attempts.end(key, { outcome });
      machine.changed();
    });
  };
  return {
    start: (action) => {
      switch (action.kind) {
        case "drawNonce":
          machine.drewNonce(random.hex(8));
          return;
        case "giveUpCommit":
          if (action.applied) machine.commandEnded({ kind: "notRun" });
          else machine.commitDropped();
          return;
        case "writeReport":
          background(action.key, () => writeReport(action, parts));
          return;
        case "commit":
          machine.commitSent(action.approval);
          background(action.key, () => commit(action, parts));
          return;
        case "reboot":
          machine.commanding();
          background(action.key, () => reboot(action, parts));
          return;
      }
    },
  };
}
