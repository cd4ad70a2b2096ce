import type { HostAction } from "../../core/host/action.ts";
import type { CommandResult } from "../../core/fleet/report.ts";
import type { ActionOutcome } from "../../core/fleet/view.ts";
import type { RebootResult } from "../../rebooters/rebooter.ts";
import type { AgentHandsParts } from "./parts.ts";

/** Runs the reboot command, once for one approval, and says what became of it. */
export async function reboot(
  { beforeMs }: Extract<HostAction, { kind: "reboot" }>,
  { machine, rebooter, clock, log, node }: AgentHandsParts,
): Promise<ActionOutcome> {
  // Asked at the last instant: this process may have been asleep since it decided.
  if (clock.now().monotonicMs >= beforeMs) {
    machine.commandEnded({ kind: "notRun" });
    return { kind: "done" };
  }
  log.write("info", `Commanding reboot for node: ${node}`);
  log.write("info", `Triggering reboot for node ${node}`);
  // Our own end does not end it: a shutdown ends us first, and a command cut short would leave nobody knowing.
  const result = await rebooter.reboot({ signal: new AbortController().signal });
  machine.commandEnded(commandResult(result));
  if (result.kind === "accepted") log.write("info", "Waiting for reboot");
  else
    log.write("error", `Unable to reboot node: ${"reason" in result ? result.reason : "the command was interrupted"}`);
  return { kind: "done" };
}

/** What is known at this moment; whether a shutdown is pending all the same is asked of the machine next. */
function commandResult(result: RebootResult): CommandResult {
  switch (result.kind) {
    case "accepted":
      return { kind: "accepted" };
    case "failed":
    case "hung":
      return { kind: result.kind, reason: result.reason, shutdown: "unknown" };
    case "interrupted":
      return { kind: "interrupted", shutdown: "unknown" };
  }
}
