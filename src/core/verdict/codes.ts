import type { VerdictCode } from "./reason.ts";

/** Every code there is, and nothing else: what dashboards may name, and what `docs/verdicts.md` explains. */
export const verdictCodes: readonly VerdictCode[] = keysOf({
  NotRequired: true,
  SentinelUnknown: true,
  AgentMissing: true,
  CannotReboot: true,
  ReportUnreadable: true,
  RecordUnreadable: true,
  OwnedByOther: true,
  Paused: true,
  Held: true,
  OutsideWindow: true,
  LockedBy: true,
  LockUnknown: true,
  BudgetFull: true,
  Queued: true,
  RollOutStopped: true,
  BlockedByAlert: true,
  BlockedByPod: true,
  GateClosed: true,
  GateUnknown: true,
  Resting: true,
  ViewTooOld: true,
  Claiming: true,
  DrainInfeasible: true,
  Draining: true,
  DrainBlocked: true,
  DrainTimedOut: true,
  CordonLost: true,
  LockLost: true,
  Drained: true,
  Approved: true,
  Rebooting: true,
  RebootOverdue: true,
  Failed: true,
  Returning: true,
  StillRequired: true,
  Closing: true,
  Done: true,
  NotLeading: true,
} satisfies Record<VerdictCode, true>);

function keysOf<Key extends string>(record: Readonly<Record<Key, true>>): readonly Key[] {
  const keys: Key[] = [];
  for (const key in record) keys.push(key);
  return keys;
}
