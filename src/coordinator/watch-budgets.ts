import {
  decodeDisruptionBudget,
  sighted,
  type BudgetSighting,
  type DisruptionBudget,
} from "../core/drain/disruption-budget.ts";
import { questionKey } from "../core/question.ts";
import { describeFailure } from "../kube/answers.ts";
import { MalformedError, type Decode } from "../kube/object.ts";
import { watchCollection, type WatchParts } from "../kube/watch.ts";
import type { Contacts } from "../loop/contacts.ts";
import { inContact } from "./in-contact.ts";
import type { World } from "./world/world.ts";

/** What watching budgets needs. */
export interface BudgetWatchParts extends Pick<
  WatchParts<DisruptionBudget>,
  "client" | "clock" | "random" | "log" | "signal"
> {
  readonly world: World;
  readonly contacts: Contacts;
  /** What this watch is called in a sentence. */
  readonly what: string;
}

/**
 * Follows the disruption budgets of a namespace for as long as it is asked to, so that one that opens is seen at once.
 */
export async function watchBudgets(
  namespace: string,
  { world, clock, what, contacts, ...parts }: BudgetWatchParts,
): Promise<void> {
  const key = questionKey({ kind: "budgets", namespace, freshForMs: 0 });
  const sightings = new Map<string, BudgetSighting>();
  const see = (budget: DisruptionBudget) => {
    const nowMs = clock.now().monotonicMs;
    sightings.set(budget.name, sighted(budget, { before: sightings.get(budget.name), nowMs }));
  };
  // What it forbade is allowed now.
  const gone = (budget: DisruptionBudget) => {
    sightings.delete(budget.name);
    forgetOldest(sightings);
    sightings.set(budget.name, { budget, openedAtMs: clock.now().monotonicMs, gone: true });
  };
  const answer = () => {
    world.answer(key, { kind: "budgets", observedAtMs: clock.now().monotonicMs, budgets: new Map(sightings) });
  };
  const health = inContact(what, { contacts });
  let listed = false;
  await watchCollection<DisruptionBudget>("poddisruptionbudgets", {
    ...parts,
    clock,
    namespace,
    decode: disruptionBudget,
    handlers: {
      replaced: (budgets) => {
        const names = new Set(budgets.map(({ name }) => name));
        // A copy, since whoever goes moves to the end; and nobody goes twice.
        for (const { budget, gone: went } of Array.from(sightings.values()))
          if (went !== true && !names.has(budget.name)) gone(budget);
        for (const budget of budgets) see(budget);
        listed = true;
        answer();
      },
      upserted: (budget) => {
        see(budget);
        answer();
      },
      deleted: (budget) => {
        gone(budget);
        answer();
      },
      held: () => sightings.size,
      ...health,
      lost: (failure, options) => {
        health.lost?.(failure, options);
        // Who waits for the budgets must hear that there will be no word of them.
        if (listed) return;
        world.answer(key, { kind: "failed", observedAtMs: clock.now().monotonicMs, reason: describeFailure(failure) });
      },
    },
  });
}

/** Who was refused by a budget asks again within half a minute: so many do not go in that time. */
const goneMax = 1_000;

/** Those that are gone stand in the order in which they went. */
function forgetOldest(sightings: Map<string, BudgetSighting>): void {
  if (sightings.size < goneMax) return;
  const names = Array.from(sightings).flatMap(([name, { gone }]) => (gone === true ? [name] : []));
  for (const name of names.slice(0, Math.max(0, names.length - goneMax + 1))) sightings.delete(name);
}

const disruptionBudget: Decode<DisruptionBudget> = (json) => {
  const budget = decodeDisruptionBudget(json);
  if (budget === undefined) throw new MalformedError("", "a PodDisruptionBudget", json);
  return budget;
};
