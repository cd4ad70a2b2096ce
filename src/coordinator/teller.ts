import type { View } from "../core/fleet/view.ts";
import type { NodeFacts } from "../core/fleet/node.ts";
import type { Now } from "../core/now.ts";
import { decodePublished, encodePublished, publish } from "../core/verdict/published.ts";
import { isPassing, type Reason, type Verdict, type VerdictCode } from "../core/verdict/reason.ts";
import { sentence } from "../core/verdict/sentence.ts";
import type { Log, LogLevel } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import { namesGone } from "./telling/gone.ts";
import { verdictsOf } from "./telling/verdicts-of.ts";
import type { Publisher } from "./publisher.ts";

/** Tells every change of a verdict once: to the log, the metrics, the Node's events and its verdict annotation. */
export interface Teller {
  /** Answers when (monotonic) there will be more to tell although nothing happens; `Infinity` where there will not. */
  tell(verdicts: readonly Verdict[], options: { readonly view: View; readonly now: Now }): number;
}

interface Told {
  readonly code: string;
  /** The maintenance that it was about, if there was one. */
  readonly recordId: string | undefined;
  readonly sentence: string;
  /** What was told besides: that a drain will not go well which is begun all the same. */
  readonly aside: string | undefined;
  readonly sinceMs: number;
  /** It was told a second time, in the words of what was looked up at its first. */
  readonly refined: boolean;
}

/**
 * How long a change of the details under the same code waits until it is written on the Node: as long as the code had
 * lasted when something was written last, so that each time is about twice as late as the one before.
 */
const detailsMs = { least: 5_000, most: 60_000 };

/**
 * How soon after a change what it led us to look up still belongs to it: who it is that holds the lock, for example.
 */
const refinedWithinMs = 2_000;

/** Where a teller tells. */
interface TellerParts {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly publisher: Publisher;
}

/** A teller that remembers what it has told, and what an earlier process has. */
export function createTeller({ log, metrics, publisher }: TellerParts): Teller {
  const told = new Map<string, Told>();
  const detailsFromMs = new Map<string, number>();
  const wordsFor = createWording();
  return {
    tell: (verdicts, { view, now }) => {
      let moreAtMs = Infinity;
      let known = 0;
      for (const { node, verdict } of verdictsOf(view.nodes, verdicts)) {
        moreAtMs = Math.min(moreAtMs, tellOne(verdict, { node, view, now }));
        if (told.has(node.name)) known += 1;
      }
      if (told.size > known) for (const name of namesGone(told.keys(), view.nodes)) forget(name);
      return moreAtMs;
    },
  };

  function tellOne(verdict: Verdict, { node, view, now }: { node: NodeFacts; view: View; now: Now }): number {
    const [decisive] = verdict.reasons;
    if (isPassing(decisive)) return Infinity;
    const before = told.get(node.name) ?? toldBefore(node);
    const words = wordsFor(decisive);
    const changed = before?.code !== decisive.code || isOfAnother(before, verdict);
    const sinceMs = changed ? now.wallMs : before.sinceMs;
    show(node.name, { code: decisive.code, before: told.get(node.name)?.code, metrics });
    const other = before?.sentence !== words;
    const refines = !changed && other && !before.refined && now.wallMs - sinceMs < refinedWithinMs;
    // A node that needs nothing and of which nothing was ever told is worth no line, no event and no write.
    const quiet = decisive.code === "NotRequired" && before === undefined;
    const news = changed || refines;
    if (news && !quiet)
      log.write(levels[decisive.code], `${node.name}: ${words}`, { node: node.name, code: decisive.code });
    const aside = newAside(verdict, before?.aside);
    if (aside) log.write(levels[aside.code], `${node.name}: ${sentence(aside)}`, { node: node.name, code: aside.code });
    // Whom others wait for changes with every node that is done: written on all of them it would flood the API server.
    const fromMs = other && !waiting.has(decisive.code) ? (detailsFromMs.get(node.name) ?? -Infinity) : Infinity;
    const details = fromMs <= now.monotonicMs;
    const refined = !changed && (before.refined || refines);
    const said = news || details ? words : before.sentence;
    const asideSaid = decisive.code === "NotRequired" ? undefined : aside ? sentence(aside) : before?.aside;
    if (news || details || aside || before.refined !== refined || before.aside !== asideSaid || !told.has(node.name))
      told.set(node.name, {
        code: decisive.code,
        recordId: verdict.recordId,
        sentence: said,
        aside: asideSaid,
        sinceMs,
        refined,
      });
    if (quiet) return Infinity;
    if (!news && !details && !aside) return fromMs;
    detailsFromMs.set(node.name, now.monotonicMs + detailsPauseMs(now.wallMs - sinceMs));
    const text = decisive.code === "NotRequired" ? undefined : textOf(verdict, { sinceMs, view, now });
    const { recordId } = verdict;
    publisher.publish(node, { text, ...(news && { event: eventOf(decisive, { node, recordId, sinceMs }) }) });
    if (aside) publisher.publish(node, { text, event: eventOf(aside, { node, recordId, sinceMs: now.wallMs }) });
    return Infinity;
  }

  function forget(name: string): void {
    const code = told.get(name)?.code;
    told.delete(name);
    detailsFromMs.delete(name);
    if (code !== undefined) metrics.remove("kured_node_state", { labels: { node: name, code } });
    publisher.forget(name);
  }
}

function detailsPauseMs(lastsMs: number): number {
  return Math.min(Math.max(lastsMs, detailsMs.least), detailsMs.most);
}

/** Thousands wait for the very same reason, one after the other: its sentence is made once. */
function createWording(): (reason: Reason) => string {
  let last: { readonly reason: Reason; readonly words: string } | undefined;
  return (reason) => {
    if (last?.reason !== reason) last = { reason, words: sentence(reason) };
    return last.words;
  };
}

/** The metric has one code for each node. */
function show(
  node: string,
  { code, before, metrics }: { readonly code: string; readonly before: string | undefined; readonly metrics: Metrics },
): void {
  if (before === code) return;
  if (before !== undefined) metrics.remove("kured_node_state", { labels: { node, code: before } });
  metrics.set("kured_node_state", { labels: { node, code }, value: 1 });
}

/** The verdict as it is written on the Node. */
function textOf(verdict: Verdict, { sinceMs, view, now }: { sinceMs: number; view: View; now: Now }): string {
  const ledgerAgeMs = view.ledger.kind === "seen" ? ageMs(view.ledger.observedAtMs, now) : -1;
  const nodesAgeMs = ageMs(view.nodesObservedAtMs, now);
  return encodePublished(publish(verdict, { sinceMs, decidedAtMs: now.wallMs, nodesAgeMs, ledgerAgeMs }));
}

/** What an earlier process has told, so that a restart does not tell it again. */
function toldBefore(node: NodeFacts): Told | undefined {
  const published = decodePublished(node.published);
  if (published === undefined) return undefined;
  const { code, recordId, sinceMs, reasons } = published;
  const [decisive, ...others] = reasons;
  const aside = others.find((reason) => reason.code === "DrainInfeasible")?.sentence;
  return { code, recordId, sentence: decisive?.sentence ?? "", aside, sinceMs, refined: true };
}

/** What was told may be about the maintenance before: the same words of this one have not been told then. */
function isOfAnother(before: Told, { recordId }: Verdict): boolean {
  return before.recordId !== undefined && recordId !== undefined && before.recordId !== recordId;
}

/** The one reason that is told although another is decisive, unless these words of it have been told already. */
function newAside({ reasons: [, ...others] }: Verdict, told: string | undefined): Reason | undefined {
  const aside = others.find(({ code }) => code === "DrainInfeasible");
  return aside && sentence(aside) !== told ? aside : undefined;
}

function eventOf(
  reason: Reason,
  { node, recordId = "none", sinceMs }: { node: NodeFacts; recordId: string | undefined; sinceMs: number },
) {
  const { code } = reason;
  // The outcome of a maintenance is told once, whoever tells it; other states may come again.
  const at = code === "Done" ? "" : `.${sinceMs.toString(36)}`;
  return {
    name: `kured.${node.uid.slice(0, 8)}.${recordId}.${code}${at}`.toLowerCase(),
    type: levels[code] === "info" ? ("Normal" as const) : ("Warning" as const),
    reason: code,
    message: sentence(reason),
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
  DrainInfeasible: "warning",
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
