import { decodeRequest, pauseAnnotation } from "../core/fleet/request.ts";
import type { NodeFacts } from "../core/fleet/node.ts";
import type { LedgerFacts, Leadership, View } from "../core/fleet/view.ts";
import { parseLedger } from "../core/lock/ledger.ts";
import type { Answer } from "../core/question.ts";
import type { KubeObject } from "../kube/object.ts";
import { createAttempts, type Attempts } from "../loop/attempts.ts";
import { createWaking, type Waking } from "../loop/waking.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";

/** Everything that one process knows of the fleet: filled by watches, looks and our own writes, read by `decide`. */
export interface World extends Pick<Waking, "version" | "changedSince"> {
  view(): View;
  readonly attempts: Attempts;
  /** All nodes, as listed; what is not among them is gone from the view. */
  replaceNodes(nodes: readonly NodeFacts[]): void;
  /**
   * One node, from a watch, a look or the answer to our own write; an older one than known is ignored.
   * `observedAtMs` is when the request was sent, where there was one.
   */
  putNode(node: NodeFacts, observedAtMs?: number): void;
  dropNode(name: string): void;
  /** The nodes known are what the API server knew at this monotonic instant. */
  nodesCurrentAt(observedAtMs: number): void;
  /** Our DaemonSet, whole: it is written back as it came. */
  putDaemonSet(object: KubeObject, observedAtMs: number): void;
  /** It could not be read, or is not there; nothing may be claimed without it. */
  daemonSetUnseen(reason: string): void;
  daemonSetCurrentAt(observedAtMs: number): void;
  /** A write of it may or may not have been applied: what we know must be read again before it proves anything. */
  daemonSetUnsure(): void;
  daemonSet(): KubeObject | undefined;
  answer(key: string, answer: Answer): void;
  setLeadership(leadership: Leadership): void;
  /** Something ended or began that `decide` should see. */
  changed(): void;
}

export interface WorldParts {
  readonly clock: Clock;
  readonly random: Random;
  /** The annotation that holds the lock (`--lock-annotation`). */
  readonly lockAnnotation: string;
  readonly leadership: Leadership;
}

export function createWorld({ clock, random, lockAnnotation, leadership: first }: WorldParts): World {
  const waking = createWaking(clock);
  const attempts = createAttempts({ clock, random });
  const nodes = new Map<string, NodeFacts>();
  const answers = new Map<string, Answer>();
  const observedAtMsByNode = new Map<string, number>();
  let watchObservedAtMs = -Infinity;
  let ledger: LedgerFacts = { kind: "unseen", reason: "it has not been read yet" };
  let daemonSet: KubeObject | undefined;
  let leadership = first;

  const observeLedger = (observedAtMs: number) => {
    if (ledger.kind === "seen") ledger = { ...ledger, observedAtMs: Math.max(observedAtMs, ledger.observedAtMs) };
  };
  return {
    version: waking.version,
    changedSince: waking.changedSince,
    changed: waking.changed,
    attempts,
    view: () => ({
      nodes: [...nodes.values()],
      nodesObservedAtMs: Math.max(watchObservedAtMs, oldest(nodes.keys(), observedAtMsByNode)),
      ledger,
      answers,
      attempts: attempts.all,
      leadership,
    }),
    replaceNodes: (listed) => {
      const names = new Set(listed.map(({ name }) => name));
      for (const name of nodes.keys()) if (!names.has(name)) nodes.delete(name);
      for (const node of listed) if (!isOlder(node, nodes.get(node.name))) nodes.set(node.name, node);
      waking.changed();
    },
    putNode: (node, observedAtMs) => {
      if (observedAtMs !== undefined) observedAtMsByNode.set(node.name, observedAtMs);
      if (isOlder(node, nodes.get(node.name))) return;
      nodes.set(node.name, node);
      waking.changed();
    },
    dropNode: (name) => {
      observedAtMsByNode.delete(name);
      if (nodes.delete(name)) waking.changed();
    },
    nodesCurrentAt: (observedAtMs) => {
      watchObservedAtMs = Math.max(watchObservedAtMs, observedAtMs);
    },
    putDaemonSet: (object, observedAtMs) => {
      if (isOlder(object, daemonSet)) return observeLedger(observedAtMs);
      daemonSet = object;
      const text = object.annotations[lockAnnotation];
      const pause = decodeRequest(object.annotations[pauseAnnotation]);
      const { resourceVersion } = object;
      ledger = {
        kind: "seen",
        observedAtMs,
        resourceVersion,
        text,
        ledger: parseLedger(text),
        ...(pause && { pause }),
      };
      waking.changed();
    },
    daemonSetUnseen: (reason) => {
      daemonSet = undefined;
      ledger = { kind: "unseen", reason };
      waking.changed();
    },
    daemonSetCurrentAt: observeLedger,
    daemonSetUnsure: () => {
      if (ledger.kind === "seen") ledger = { ...ledger, observedAtMs: -Infinity };
    },
    daemonSet: () => daemonSet,
    answer: (key, answer) => {
      answers.set(key, answer);
      waking.changed();
    },
    setLeadership: (next) => {
      leadership = next;
      waking.changed();
    },
  };
}

/** When the oldest of them was looked at; never, while there is none or one of them was not. */
function oldest(names: Iterable<string>, observedAtMsByName: ReadonlyMap<string, number>): number {
  let oldestMs = Infinity;
  for (const name of names) oldestMs = Math.min(oldestMs, observedAtMsByName.get(name) ?? -Infinity);
  return oldestMs === Infinity ? -Infinity : oldestMs;
}

/** Versions of one object grow, so that an event that comes late does not undo the answer to our own write. */
function isOlder(
  next: { readonly uid: string; readonly resourceVersion: string },
  known: { readonly uid: string; readonly resourceVersion: string } | undefined,
): boolean {
  if (known === undefined || known.uid !== next.uid) return false;
  const [before, after] = [Number(known.resourceVersion), Number(next.resourceVersion)];
  return Number.isSafeInteger(before) && Number.isSafeInteger(after) && after < before;
}
