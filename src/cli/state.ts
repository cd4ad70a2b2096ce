import type { NodeFacts } from "../core/fleet/node.ts";
import { needRefusal } from "../core/policy/refusals.ts";
import { decodePublished } from "../core/verdict/published.ts";
import type { PublishedVerdict } from "../core/verdict/published.ts";
import { sentence } from "../core/verdict/sentence.ts";
import { excerpt } from "./text/printable.ts";

/** What a node's state is, as published. Texts are as they stand in the cluster: not fit for a terminal yet. */
export interface NodeState {
  /** A verdict's code, perhaps of a newer version's; or `Undecided`. */
  readonly code: string;
  readonly sinceMs?: number;
  /** The decisive one first. */
  readonly reasons: readonly [ShownReason, ...ShownReason[]];
  /** Absent where no verdict is told: then the state is the agent's report, or `Undecided`. */
  readonly verdict?: PublishedVerdict;
}

/** A reason in the words in which it is published. */
export interface ShownReason {
  readonly code: string;
  readonly sentence: string;
}

/**
 * The published verdict. Nothing is decided here: without a verdict it says what the node's report says by itself,
 * and where that calls for a verdict, that there is none.
 */
export function stateOf(node: NodeFacts): NodeState {
  const verdict = decodePublished(node.published);
  if (verdict !== undefined) {
    const [first = { code: verdict.code, sentence: "The verdict gives no reason." }, ...rest] = verdict.reasons;
    return { code: verdict.code, sinceMs: verdict.sinceMs, reasons: [first, ...rest], verdict };
  }
  if (node.published !== undefined) {
    return undecided(`The annotation kured.dev/verdict is not a verdict: ${excerpt(node.published)}.`);
  }
  if (node.record.kind !== "absent") {
    return undecided("Its maintenance has begun, but no verdict is told about it: nobody decides for this node.");
  }
  return stateOfReport(node);
}

/** Needs of which no verdict is told; a node that needs nothing has none. */
function stateOfReport(node: NodeFacts): NodeState {
  const { report } = node;
  const since = report.kind === "report" ? { sinceMs: report.report.sinceMs } : {};
  const refusal = needRefusal(node);
  if (refusal !== undefined) {
    const { reason } = refusal;
    return { code: reason.code, ...since, reasons: [{ code: reason.code, sentence: sentence(reason) }] };
  }
  const evidence = report.kind === "report" ? report.report.evidence : "";
  return { ...undecided(`A reboot is required (${evidence}), but no verdict is told: nobody has decided.`), ...since };
}

function undecided(words: string): NodeState {
  return { code: "Undecided", reasons: [{ code: "Undecided", sentence: words }] };
}
