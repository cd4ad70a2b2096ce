import type { DrainPlan, PlannedPod } from "../../drain/plan.ts";
import type { DrainState } from "../../verdict/reason.ts";

/** How many of the pods in the way are in each state. `refused` has the uids of those that a refusal keeps there. */
export function countByState(
  { pods }: DrainPlan,
  refused: ReadonlySet<string>,
): Readonly<Partial<Record<DrainState, number>>> {
  const states = pods.flatMap((planned) => (planned.kind === "leave" ? [] : [stateOf(planned, refused)]));
  const groups = Map.groupBy(states, (state) => state);
  return Object.fromEntries(Array.from(groups, ([state, { length }]) => [state, length]));
}

function stateOf({ kind, pod }: PlannedPod, refused: ReadonlySet<string>): DrainState {
  if (kind === "terminating") return "terminating";
  if (kind === "refuse" || refused.has(pod.uid)) return "refused";
  return isWaitedFor({ kind, pod }) ? "waiting" : "due";
}

/** Not evicted, or moved by somebody else: waited for. */
export function isWaitedFor({ kind, pod }: Pick<PlannedPod, "kind" | "pod">): boolean {
  return kind === "await" || pod.evictionInProgress !== undefined;
}
