import { questionKey, type Question } from "../core/question.ts";
import type { Contacts } from "../loop/contacts.ts";
import { freshUntil } from "../loop/fresh.ts";
import type { Tasks } from "../loop/tasks.ts";
import type { Random } from "../ports/random.ts";
import type { Eyes } from "./eyes.ts";
import { createVolumeLook } from "./asking/bound-volume.ts";
import { look, type LookParts } from "./look.ts";

/** What looking as often as it takes needs. */
export interface LooksParts extends Omit<LookParts, "volume"> {
  readonly tasks: Tasks;
  readonly random: Random;
  /** Told of what is looked for in vain. */
  readonly contacts: Contacts;
}

/** Eyes that ask the API server whenever what they know is older than wanted, and never otherwise (classic). */
export function createPolling(parts: LooksParts): Eyes {
  return createLooks(parts);
}

/** Looks at what is older than asked for, one at a time for each question; a failed look rests longer each time. */
export function createLooks({ tasks, random, contacts, ...parts }: LooksParts): Eyes {
  const { clock, world } = parts;
  const volume = createVolumeLook(parts);
  const underWay = new Set<string>();
  const failures = new Map<string, { readonly count: number; readonly restUntilMs: number }>();
  let asked: ReadonlySet<string> = new Set();
  const wanting = (question: Question, reason: string) => {
    // A Prometheus that is away keeps nodes up, and nothing is wrong with us that a restart would mend.
    if (question.kind !== "gate") contacts.wanting(nameOf(question), reason);
  };
  const begin = (key: string, question: Question) => {
    underWay.add(key);
    wanting(question, "no answer yet");
    tasks.start(async () => {
      try {
        const looked = await look(question, { ...parts, volume });
        const count = looked.kind === "seen" ? 0 : (failures.get(key)?.count ?? 0) + 1;
        if (count === 0) failures.delete(key);
        else
          failures.set(key, {
            count,
            restUntilMs: clock.now().monotonicMs + restMs(question, { failures: count, random }),
          });
        if (looked.kind === "failed") wanting(question, looked.reason);
        else contacts.content(nameOf(question));
      } finally {
        underWay.delete(key);
        world.changed();
      }
    });
  };
  const when = (question: Question): number => {
    const key = questionKey(question);
    if (underWay.has(key)) return Infinity;
    const { monotonicMs } = clock.now();
    const freshUntilMs = freshUntil(observedAtMs(question, parts), question.freshForMs);
    const dueAtMs = Math.max(freshUntilMs, failures.get(key)?.restUntilMs ?? -Infinity);
    if (freshUntilMs > monotonicMs && world.view().answers.get(key)?.kind !== "failed")
      contacts.content(nameOf(question));
    if (dueAtMs > monotonicMs) return dueAtMs + 1;
    begin(key, question);
    return Infinity;
  };
  return {
    look: (questions) => {
      world.asked(questions.map(questionKey));
      const names = new Set(questions.map(nameOf));
      for (const name of asked) if (!names.has(name)) contacts.content(name);
      asked = names;
      return Math.min(Infinity, ...questions.map(when));
    },
  };
}

/** In a sentence. */
function nameOf(question: Question): string {
  switch (question.kind) {
    case "nodes":
      return "news of the nodes";
    case "ledger":
      return "the lock";
    case "budgets":
      return `news of the budgets in ${question.namespace}`;
    case "pods":
      return `the list of pods on ${question.node}`;
    case "daemonSet":
      return `DaemonSet ${question.namespace}/${question.name}`;
    case "nodeExists":
      return `Node ${question.node}`;
    case "replicas":
      return `the replicas of ${question.namespace}/${question.name}`;
    case "volumeAttachments":
      return `the volumes of ${question.node}`;
    case "volume":
      return `the volume of PersistentVolumeClaim ${question.namespace}/${question.claim}`;
    case "dryRun":
      return `the dry run of evicting pod ${question.namespace}/${question.pod}`;
    case "gate":
      return `the gate ${question.gate}${question.node === undefined ? "" : ` for ${question.node}`}`;
  }
}

/**
 * Growing pauses, half of them chance, so that those who lost the API server together do not come back together. What
 * is wanted each second, for a node in hand, is tried more often than what is wanted seldom.
 */
function restMs(
  { freshForMs }: Question,
  { failures, random }: { readonly failures: number; readonly random: Random },
): number {
  const longestMs = Math.min(Math.max(5 * freshForMs, 5_000), 30_000);
  return Math.min(longestMs, 1_000 * 2 ** Math.min(failures - 1, 5)) * (0.5 + random.next());
}

/** When the world last learnt what this question asks for. */
function observedAtMs(question: Question, { world }: Pick<LookParts, "world">): number {
  const view = world.view();
  switch (question.kind) {
    case "nodes":
      return view.nodesObservedAtMs;
    case "ledger":
      return view.ledger.kind === "seen" ? view.ledger.observedAtMs : -Infinity;
    case "budgets":
      return Infinity;
    case "pods":
    case "daemonSet":
    case "nodeExists":
    case "volumeAttachments":
    case "replicas":
    case "volume":
    case "dryRun":
    case "gate":
      return view.answers.get(questionKey(question))?.observedAtMs ?? -Infinity;
  }
}
