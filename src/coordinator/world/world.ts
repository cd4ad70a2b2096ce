import type { NodeFacts } from "../../core/fleet/node.ts";
import type { Leadership, View } from "../../core/fleet/view.ts";
import { createMemory } from "../../core/memory.ts";
import type { Answer } from "../../core/question.ts";
import type { KubeObject } from "../../kube/object.ts";
import { createAttempts, type Attempts } from "../../loop/attempts.ts";
import { createWaking, type Waking } from "../../loop/waking.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import { createKnownLedger } from "./known-ledger.ts";
import { createKnownNodes } from "./known-nodes.ts";
import { createTerms } from "./terms.ts";

/** Everything that one process knows of the fleet: filled by watches, looks and our own writes, read by `decide`. */
export interface World extends Pick<Waking, "version" | "changedSince" | "lastRoundAtMs"> {
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
  readonly nodeCount: () => number;
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
  /** These are asked for now; what nobody has asked for in a long time is forgotten. */
  asked(keys: readonly string[]): void;
  /** It has been renewed, by a request that was sent after the last word of it. */
  setLeadership(leadership: Leadership): void;
  /** Whether this process may speak and act at this instant: a term that has run out may not have been told as over. */
  leads(): boolean;
  /** Something ended or began that `decide` should see. */
  changed(): void;
}

/** What a world begins with. */
export interface WorldParts {
  readonly clock: Clock;
  readonly random: Random;
  /** The annotation that holds the lock (`--lock-annotation`). */
  readonly lockAnnotation: string;
  readonly leadership: Leadership;
  /** `namespace/name` of our DaemonSet, which records of ours name. */
  readonly owner: string;
}

/** No back-off and no period of looking is longer. */
const answersKeptMs = 15 * 60_000;

/** A world of which nothing is known yet. */
export function createWorld({ clock, random, lockAnnotation, leadership: first, owner }: WorldParts): World {
  const waking = createWaking(clock);
  const attempts = createAttempts({ clock, random });
  const nodes = createKnownNodes();
  const ledger = createKnownLedger(lockAnnotation);
  const answers = new Map<string, Answer>();
  const askedAtMs = new Map<string, number>();
  const memory = createMemory();
  const terms = createTerms(owner);
  let leadership = first;
  const news = (isNews: boolean) => {
    if (isNews) waking.changed();
  };
  return {
    version: waking.version,
    changedSince: waking.changedSince,
    lastRoundAtMs: waking.lastRoundAtMs,
    changed: waking.changed,
    attempts,
    view: () => ({
      nodes: nodes.all(),
      nodesObservedAtMs: nodes.observedAtMs(),
      ledger: ledger.facts(),
      answers,
      attempts: attempts.all,
      leadership: terms.of(leadership),
      memory,
    }),
    replaceNodes: (all) => {
      terms.listed(all);
      nodes.replace(all);
      waking.changed();
    },
    putNode: (node, observedAtMs) => news(nodes.put(node, observedAtMs)),
    dropNode: (name) => news(nodes.drop(name)),
    nodeCount: nodes.count,
    nodesCurrentAt: nodes.watchedAt,
    putDaemonSet: (object, observedAtMs) => news(ledger.put(object, observedAtMs)),
    daemonSetUnseen: (reason) => {
      ledger.unseen(reason);
      waking.changed();
    },
    daemonSetCurrentAt: ledger.currentAt,
    daemonSetUnsure: ledger.unsure,
    daemonSet: ledger.daemonSet,
    asked: (keys) => {
      const { monotonicMs } = clock.now();
      for (const key of keys) askedAtMs.set(key, monotonicMs);
      for (const [key, atMs] of askedAtMs) {
        if (atMs + answersKeptMs > monotonicMs) continue;
        askedAtMs.delete(key);
        answers.delete(key);
      }
    },
    answer: (key, answer) => {
      answers.set(key, answer);
      waking.changed();
    },
    leads: () =>
      leadership.kind === "alone" || (leadership.kind === "leading" && leadership.untilMs > clock.now().monotonicMs),
    setLeadership: (next) => {
      terms.renewed(next, nodes.all());
      leadership = next;
      waking.changed();
    },
  };
}
