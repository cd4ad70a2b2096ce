import { questionKey, type Question } from "../core/question.ts";
import type { Tasks } from "../loop/tasks.ts";
import type { Random } from "../ports/random.ts";
import type { Eyes } from "./eyes.ts";
import { look, type LookParts } from "./look.ts";

/** Eyes that ask the API server whenever what they know is older than wanted, and never otherwise (classic). */
export function createPolling(parts: LookParts & { readonly tasks: Tasks; readonly random: Random }): Eyes {
  const looks = createLooks(parts);
  return {
    look: (questions) => {
      const nextMs = questions.map((question) => looks.when(question, observedAtMs(question, parts)));
      return Math.min(Infinity, ...nextMs);
    },
  };
}

/** Looks under way and how they went; one at a time for each question. */
export interface Looks {
  /** Looks now if it is time; answers when it will be time next (monotonic), `Infinity` while one is under way. */
  when(question: Question, observedAtMs: number): number;
}

/** Looks into the world of `parts`; a failed one rests longer each time. */
export function createLooks({
  tasks,
  random,
  ...parts
}: LookParts & { readonly tasks: Tasks; readonly random: Random }): Looks {
  const { clock, world } = parts;
  const underWay = new Set<string>();
  const failures = new Map<string, { readonly count: number; readonly restUntilMs: number }>();
  const begin = (key: string, question: Question) => {
    underWay.add(key);
    tasks.start(async () => {
      try {
        const looked = await look(question, parts);
        const count = looked === "seen" ? 0 : (failures.get(key)?.count ?? 0) + 1;
        if (count === 0) failures.delete(key);
        else failures.set(key, { count, restUntilMs: clock.now().monotonicMs + restMs(count, random) });
      } finally {
        underWay.delete(key);
        world.changed();
      }
    });
  };
  return {
    when: (question, observedAtMs) => {
      const key = questionKey(question);
      if (underWay.has(key)) return Infinity;
      const { monotonicMs } = clock.now();
      const dueAtMs = Math.max(observedAtMs + question.freshForMs, failures.get(key)?.restUntilMs ?? -Infinity);
      if (dueAtMs > monotonicMs) return dueAtMs + 1;
      begin(key, question);
      return Infinity;
    },
  };
}

/** 1 s … 30 s, half of it chance, so that those who lost the API server together do not come back together. */
function restMs(failures: number, random: Random): number {
  return Math.min(30_000, 1_000 * 2 ** Math.min(failures - 1, 5)) * (0.5 + random.next());
}

/** When the world last learnt what this question asks for. */
export function observedAtMs(question: Question, { world }: Pick<LookParts, "world">): number {
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
      return view.answers.get(questionKey(question))?.observedAtMs ?? -Infinity;
  }
}
