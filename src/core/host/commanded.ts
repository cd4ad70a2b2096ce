import type { CommandedReboot, CommandResult } from "../fleet/report.ts";
import type { Now } from "../now.ts";
import type { HostQuestion } from "./action.ts";
import type { HostPolicy } from "./policy.ts";
import type { Commit, HostView } from "./view.ts";

/** What is known of the machine, and the instant. */
interface Scene {
  readonly view: HostView;
  readonly policy: Pick<HostPolicy, "rebootDeadlineMs">;
  readonly now: Now;
}

/** What the report should say of a commanded reboot, and what must be found out for it. */
export interface WantedCommanded {
  readonly commanded: CommandedReboot | undefined;
  readonly questions?: readonly HostQuestion[];
  readonly wakeAtMs?: number;
}

/** The outcome of our own commit, or what became of a predecessor's of this boot. */
export function wantedCommanded(scene: Scene, commanded: CommandedReboot | undefined): WantedCommanded {
  const { commit, boot } = scene.view;
  // Where somebody removed the report, we still know that we have committed.
  const own = commit && commit.state.kind !== "unsure" ? { boot, approval: commit.approval } : undefined;
  const said = commanded ?? own;
  if (said === undefined) return { commanded: undefined };
  return commit?.approval === said.approval ? ofOurs(said, { commit, scene }) : ofPredecessor(said, scene);
}

/** What a failed command leaves behind is asked of the machine, after a while and until it is known. */
function ofOurs(said: CommandedReboot, { commit, scene }: { commit: Commit; scene: Scene }): WantedCommanded {
  if (commit.state.kind !== "ended") return { commanded: said };
  const { result } = commit.state;
  if (result.kind === "notRun") return { commanded: { ...said, result } };
  const attempt = scene.view.attempts.get(rebootKey(commit.approval));
  const endedAtMs = attempt?.last?.endedAtMs ?? commit.sentAtMs;
  if (result.kind === "accepted") return ofAccepted(said, { sinceMs: endedAtMs, scene });
  if (attempt?.inFlightSinceMs !== undefined) return { commanded: { ...said, result } };
  return withShutdown(said, { result, sinceMs: endedAtMs + settleMs, scene });
}

/** Somebody else of this boot committed to it: we only say whether a shutdown is pending. */
function ofPredecessor(said: CommandedReboot, scene: Scene): WantedCommanded {
  if (said.result?.kind === "notRun") return { commanded: said };
  if (said.result?.kind === "accepted") return ofAccepted(said, { sinceMs: scene.view.startedAtMs, scene });
  const result = said.result ?? ({ kind: "interrupted", shutdown: "unknown" } as const);
  return withShutdown(said, { result, sinceMs: scene.view.startedAtMs + settleMs, scene });
}

/**
 * The command said yes. When the machine's time to go down is over, it has failed all the same if it is not going down.
 */
function ofAccepted(said: CommandedReboot, { sinceMs, scene }: { sinceMs: number; scene: Scene }): WantedCommanded {
  const { view, policy, now } = scene;
  if (said.result?.kind === "failed") return { commanded: said };
  const commanded: CommandedReboot = { ...said, result: { kind: "accepted" } };
  const overdueAtMs = sinceMs + policy.rebootDeadlineMs;
  if (now.monotonicMs < overdueAtMs) return { commanded, wakeAtMs: overdueAtMs };
  const { shutdown } = view;
  if (shutdown === undefined || shutdown.observedAtMs < overdueAtMs) return { commanded, questions: [askShutdownNow] };
  if (shutdown.state !== "no") return { commanded, questions: [askShutdown] };
  const reason = `the reboot command said yes, and nothing happened within ${Math.round(policy.rebootDeadlineMs / 1000)} s`;
  return { commanded: { ...said, result: { kind: "failed", reason, shutdown: "no" } } };
}

/** Before this, a machine that goes down may not have begun to; then no shutdown in sight would prove nothing. */
const settleMs = 10_000;

function withShutdown(
  said: CommandedReboot,
  { result, sinceMs, scene }: { result: Open; sinceMs: number; scene: Scene },
): WantedCommanded {
  const { shutdown } = scene.view;
  const known = said.result?.kind === result.kind ? said.result : undefined;
  // Proven once, it is proven: the command will not run any more.
  if (known && "shutdown" in known && known.shutdown === "no") return { commanded: said };
  // An interruption is only told with what is known of it: until then the machine may just be on its way down.
  const meanwhile = known || result.kind === "interrupted" ? said : { ...said, result };
  if (scene.now.monotonicMs < sinceMs) return { commanded: meanwhile, wakeAtMs: sinceMs };
  if (shutdown === undefined || shutdown.observedAtMs < sinceMs)
    return { commanded: meanwhile, questions: [askShutdownNow] };
  return { commanded: { ...said, result: { ...result, shutdown: shutdown.state } }, questions: [askShutdown] };
}

type Open = Extract<CommandResult, { readonly shutdown: unknown }>;

const askShutdown: HostQuestion = { kind: "shutdown", freshForMs: 30_000 };
const askShutdownNow: HostQuestion = { kind: "shutdown", freshForMs: 1_000 };

/** The key of the reboot command for one approval: it is begun once. */
export function rebootKey(approval: string): string {
  return `reboot/${approval}`;
}

/** The key of the commit to one approval. */
export function commitKey(approval: string): string {
  return `commit/${approval}`;
}

/**
 * Until when (monotonic) no other approval is asked for. Each commit is of another approval, so that none has failures
 * in a row of its own: without this pause, an API server that refuses every one would be asked for hundreds a second.
 */
export function commitsRestUntilMs({ attempts }: Pick<HostView, "attempts">): number {
  const endedAtMs = Array.from(attempts).flatMap(([key, { last }]) =>
    key.startsWith("commit/") && last?.outcome.kind === "failed" ? [last.endedAtMs] : [],
  );
  if (endedAtMs.length < 2) return -Infinity;
  return Math.max(...endedAtMs) + Math.min(commitRestMsMax, 1_000 * 2 ** (endedAtMs.length - 2));
}

const commitRestMsMax = 30_000;
