import type { JsonObject } from "../json.ts";
import { putBack, taintFor } from "./marks.ts";
import { inProgressAnnotation, mostRecentAnnotation, verdictAnnotation, type NodeFacts } from "./node.ts";
import { recordAnnotation } from "./record.ts";
import { reportAnnotation } from "./report.ts";

/** What an installation that is gone has left on a node, as the patch that takes it away. */
export interface Leftovers {
  /** The cordon is that installation's. */
  readonly uncordon: boolean;
  /** Each `null`. */
  readonly annotations: Readonly<Record<string, null>>;
  /** Labels as before, `null` where there was none; those that people have changed since are not among them. */
  readonly labels: Readonly<Record<string, string | null>>;
  /** The taints that stay, where one of its own is among them; else absent. */
  readonly taints?: readonly JsonObject[];
}

/**
 * What to take off a node after `owner` (`namespace/name` of the DaemonSet) was uninstalled; `undefined` where there is
 * nothing, or where the node is in another installation's hand, or in one that cannot be read. What people have written
 * (pauses, holds, cordons) stays. A report does not say whose it is: without a record it is taken for that
 * installation's.
 */
export function leftoversOf(
  node: NodeFacts,
  {
    annotations,
    owner,
    taint,
  }: {
    readonly annotations: Readonly<Record<string, string>>;
    readonly owner: string;
    /** The value of `--prefer-no-schedule-taint`; empty if it was not used. */
    readonly taint: string;
  },
): Leftovers | undefined {
  // Somebody's hand, another's or a newer version's: with it would go whose the cordon is.
  if (node.record.kind === "unreadable") return undefined;
  const record = node.record.kind === "record" ? node.record.record : undefined;
  if (record !== undefined && record.owner !== owner) return undefined;
  const names = own.filter((name) => Object.hasOwn(annotations, name));
  const change = taintFor(node, { wanted: false, name: taint });
  const leftovers: Leftovers = {
    uncordon: record?.cordon === "ours" && node.unschedulable,
    annotations: Object.fromEntries(names.map((name) => [name, null])),
    labels: putBack(node, record?.labels ?? []),
    ...(change && { taints: change.all }),
  };
  const isClean = names.length === 0 && change === undefined;
  return isClean ? undefined : leftovers;
}

/** Annotations that nobody but kured writes. */
const own: readonly string[] = [
  recordAnnotation,
  reportAnnotation,
  verdictAnnotation,
  inProgressAnnotation,
  mostRecentAnnotation,
];
