import { inHostMounts } from "../core/host/mount-namespace.ts";
import type { CommandEnd, Commands } from "../ports/commands.ts";

const timeoutMs = 30_000;

/** What `shutdownPending` asks with. */
export interface ShutdownQuestion {
  readonly commands: Commands;
  readonly signal: AbortSignal;
}

/**
 * Whether the host is going down or about to: systemd's state, and a shutdown scheduled for later. Only "no" is proof
 * that nothing is pending; a host without systemd is "unknown". Rejects only with `signal.reason`.
 */
export async function shutdownPending({ commands, signal }: ShutdownQuestion): Promise<"yes" | "no" | "unknown"> {
  const state = await commands.run(inHostMounts(["systemctl", "is-system-running"]), { timeoutMs, signal });
  // Its exit code is 0 for `running` alone; the word is the answer.
  const word = state.kind === "exited" ? state.stdout.trim() : "";
  if (word === "stopping") return "yes";
  if (!["running", "degraded", "initializing", "starting", "maintenance"].includes(word)) return "unknown";
  const scheduled = "/run/systemd/shutdown/scheduled";
  return existence(await commands.run(inHostMounts(["test", "-e", scheduled]), { timeoutMs, signal }));
}

/** What `test -e` says; it says nothing on stderr, nsenter does. */
function existence(end: CommandEnd): "yes" | "no" | "unknown" {
  if (end.kind !== "exited" || end.stderr !== "") return "unknown";
  if (end.code === 0) return "yes";
  return end.code === 1 ? "no" : "unknown";
}
