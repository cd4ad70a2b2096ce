import type { View } from "../core/fleet/view.ts";
import type { NodeFacts } from "../core/fleet/node.ts";
import type { Now } from "../core/now.ts";
import { decodePublished, encodePublished, publish } from "../core/verdict/published.ts";
import type { Verdict, VerdictCode } from "../core/verdict/reason.ts";
import { sentence } from "../core/verdict/sentence.ts";
import type { Log, LogLevel } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Publisher } from "./publisher.ts";

/** Tells every change of a verdict once: to the log, the metrics, the Node's events and its verdict annotation. */
export interface Teller {
  tell(verdicts: readonly Verdict[], options: { readonly view: View; readonly now: Now }): void;
}

interface Told {
  readonly code: string;
  readonly sentence: string;
  readonly sinceMs: number;
  /** It was told a second time, in the words of what was looked up at its first. */
  readonly refined: boolean;
}

/** How long a change of the details under the same code may wait until it is written on the Node. */
const detailsEveryMs = 15_000;

/** How soon after a change what it led us to look up still belongs to it: who it is that holds the lock, for example. */
const refinedWithinMs = 2_000;

/** A teller that remembers what it has told, and what an earlier process has. */
export function createTeller({
  log,
  metrics,
  publisher,
}: {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly publisher: Publisher;
}): Teller {
  const told = new Map<string, Told>();
  const publishedAtMs = new Map<string, number>();
  return {
    tell: (verdicts, { view, now }) => {
      const nodes = new Map(view.nodes.map((node) => [node.name, node]));
      for (const verdict of verdicts) {
        const node = nodes.get(verdict.node);
        if (node) tellOne(verdict, { node, view, now });
      }
      for (const name of told.keys()) if (!nodes.has(name)) forget(name);
    },
  };

  function tellOne(verdict: Verdict, { node, view, now }: { node: NodeFacts; view: View; now: Now }): void {
    const [decisive] = verdict.reasons;
    const before = told.get(node.name) ?? toldBefore(node);
    const words = sentence(decisive);
    const changed = before?.code !== decisive.code;
    const sinceMs = changed ? now.wallMs : before.sinceMs;
    const shown = told.get(node.name)?.code;
    if (shown !== decisive.code) {
      if (shown !== undefined) metrics.remove("kured_node_state", { labels: { node: node.name, code: shown } });
      metrics.set("kured_node_state", { labels: { node: node.name, code: decisive.code }, value: 1 });
    }
    const other = before?.sentence !== words;
    const refines = !changed && other && !before.refined && now.wallMs - sinceMs < refinedWithinMs;
    // A node that needs nothing and of which nothing was ever told is worth no line, no event and no write.
    const quiet = decisive.code === "NotRequired" && before === undefined;
    const news = changed || refines;
    if (news && !quiet)
      log.write(levels[decisive.code], `${node.name}: ${words}`, { node: node.name, code: decisive.code });
    // Whom others wait for changes with every node that is done: written on all of them it would flood the API server.
    const details =
      other &&
      !waiting.has(decisive.code) &&
      now.monotonicMs >= (publishedAtMs.get(node.name) ?? -Infinity) + detailsEveryMs;
    const refined = !changed && (before.refined || refines);
    const said = news || details ? words : before.sentence;
    told.set(node.name, { code: decisive.code, sentence: said, sinceMs, refined });
    if (quiet || (!news && !details)) return;
    publishedAtMs.set(node.name, now.monotonicMs);
    const ledgerAgeMs = view.ledger.kind === "seen" ? ageMs(view.ledger.observedAtMs, now) : -1;
    const nodesAgeMs = ageMs(view.nodesObservedAtMs, now);
    const text = encodePublished(publish(verdict, { sinceMs, decidedAtMs: now.wallMs, nodesAgeMs, ledgerAgeMs }));
    publisher.publish(node, {
      text: decisive.code === "NotRequired" ? undefined : text,
      ...(news && { event: eventOf(verdict, { node, words, sinceMs }) }),
    });
  }

  function forget(name: string): void {
    told.delete(name);
    publishedAtMs.delete(name);
    metrics.remove("kured_node_state", { labels: { node: name } });
    publisher.forget(name);
  }
}

/** What an earlier process has told, so that a restart does not tell it again. */
function toldBefore(node: NodeFacts): Told | undefined {
  const published = decodePublished(node.published);
  if (published === undefined) return undefined;
  const { code, sinceMs, reasons } = published;
  return { code, sentence: reasons[0]?.sentence ?? "", sinceMs, refined: true };
}

function eventOf(verdict: Verdict, { node, words, sinceMs }: { node: NodeFacts; words: string; sinceMs: number }) {
  const [{ code }] = verdict.reasons;
  // The outcome of a maintenance is told once, whoever tells it; other states may come again.
  const at = code === "Done" ? "" : `.${sinceMs.toString(36)}`;
  return {
    name: `kured.${node.uid.slice(0, 8)}.${verdict.recordId ?? "none"}.${code}${at}`.toLowerCase(),
    type: levels[code] === "info" ? ("Normal" as const) : ("Warning" as const),
    reason: code,
    message: words,
  };
}

function ageMs(observedAtMs: number, { monotonicMs }: Now): number {
  return Number.isFinite(observedAtMs) ? Math.max(0, monotonicMs - observedAtMs) : -1;
}

/** States of those who wait for others. */
const waiting: ReadonlySet<VerdictCode> = new Set(["BudgetFull", "Queued", "RollOutStopped", "OutsideWindow"]);

/** What wakes somebody at night is an error, what she should know of in the morning a warning. */
const levels: Readonly<Record<VerdictCode, LogLevel>> = {
  NotRequired: "info",
  SentinelUnknown: "warning",
  AgentMissing: "warning",
  CannotReboot: "warning",
  ReportUnreadable: "warning",
  RecordUnreadable: "warning",
  OwnedByOther: "info",
  Paused: "info",
  Held: "info",
  OutsideWindow: "info",
  LockedBy: "info",
  LockUnknown: "warning",
  BudgetFull: "info",
  Queued: "info",
  RollOutStopped: "warning",
  BlockedByAlert: "warning",
  BlockedByPod: "warning",
  GateClosed: "warning",
  GateUnknown: "warning",
  Resting: "info",
  ViewTooOld: "warning",
  Claiming: "info",
  Draining: "info",
  DrainBlocked: "warning",
  DrainTimedOut: "warning",
  CordonLost: "warning",
  LockLost: "warning",
  Drained: "info",
  Approved: "info",
  Rebooting: "info",
  RebootOverdue: "error",
  Failed: "error",
  Returning: "info",
  StillRequired: "warning",
  Closing: "info",
  Done: "info",
  NotLeading: "info",
};
