import type { Action } from "./action.ts";
import type { Slots } from "./budget/taken-place.ts";
import type { NodeFacts } from "./fleet/node.ts";
import type { MaintenanceRecord } from "./fleet/record.ts";
import type { View } from "./fleet/view.ts";
import type { LedgerEntry } from "./lock/entry.ts";
import type { Holder } from "./lock/holder.ts";
import type { LedgerText } from "./lock/write.ts";
import type { Now } from "./now.ts";
import type { Policy } from "./policy/policy.ts";
import type { Question } from "./question.ts";
import type { Reason } from "./verdict/reason.ts";
import type { WindowState } from "./window/classic.ts";

/** What every rule is given: the fleet, what the operator wants, and the instant. */
export interface Scene {
  readonly view: View;
  readonly policy: Policy;
  readonly now: Now;
  /** Nodes that did not come back; while there are any, nothing else is begun or approved (rule 8). */
  readonly stopped: readonly string[];
  /** What is the same for every node of one decision, worked out once. */
  readonly memo?: SceneMemo;
}

/** Filled at the first asking (`once`); belongs to one decision and is never read after it. */
export interface SceneMemo {
  nodesInLedger?: ReadonlyMap<string, NodeFacts>;
  entriesByNode?: ReadonlyMap<string, readonly LedgerEntry[]>;
  holders?: readonly Holder[];
  slots?: Slots;
  lockRefusal?: { readonly reason: Reason | undefined };
  neverBack?: readonly string[];
  seldomLooks?: readonly Question[];
  /** Of a node without a wish of its own. */
  unwanted?: { readonly step: Step | undefined };
  placeWait?: Required<Pick<Step, "questions" | "wakeAtMs">>;
  window?: WindowState;
  /** The ledger without what is over: what a claim enters itself in. */
  ledgerToEnter?: LedgerText;
  /** The whole of it. */
  ledgerToLeave?: LedgerText;
}

/** What `make` works out, once for each decision: thousands of nodes wait for the same lock and the same window. */
export function once<Name extends keyof SceneMemo>(
  { memo }: Pick<Scene, "memo">,
  name: Name,
  make: () => NonNullable<SceneMemo[Name]>,
): NonNullable<SceneMemo[Name]> {
  const known = memo?.[name] ?? make();
  if (memo) memo[name] = known;
  return known;
}

/** A node and our record of it. */
export interface NodeInHand {
  readonly node: NodeFacts;
  readonly record: MaintenanceRecord;
}

/** What follows for one node: why, what to do, what to find out, and when to look again although nothing happens. */
export interface Step {
  readonly reasons: readonly [Reason, ...Reason[]];
  readonly actions?: readonly Action[];
  readonly questions?: readonly Question[];
  /** Monotonic instants; `decide` takes the earliest. */
  readonly wakeAtMs?: readonly number[];
}

/** The monotonic instant at which this process's wall clock will show `wallMs`, if nobody sets it meanwhile. */
export function monotonicOf(wallMs: number, now: Now): number {
  return now.monotonicMs + (wallMs - now.wallMs);
}

/** Two coordinators' clocks may differ by this much; what lies further ahead was written by a clock that was wrong. */
export const clockErrorMsMax = 5 * 60_000;

/** The step with more to find out and to wait for. */
export function also(step: Step, more: Pick<Step, "actions" | "questions" | "wakeAtMs">): Step {
  return {
    reasons: step.reasons,
    actions: joined(step.actions, more.actions),
    questions: joined(step.questions, more.questions),
    wakeAtMs: joined(step.wakeAtMs, more.wakeAtMs),
  };
}

/** Not copied where there is nothing to join: this is done some times for each of hundreds of nodes. */
function joined<One>(ones: readonly One[] = [], others: readonly One[] = []): readonly One[] {
  if (others.length === 0) return ones;
  return ones.length === 0 ? others : [...ones, ...others];
}
