import fc from "fast-check";
import type { Ask } from "../step.ts";
import { get, merge, post, remove } from "../step.ts";
import { budget, budgetStatus, paths } from "../cases/objects.ts";
import { preconditions } from "./preconditions.ts";

const small = fc.constantFrom(0, 1, 2);

/** One request on one of two budgets, the second of which is rare. */
export const budgetOperation: fc.Arbitrary<Ask> = fc.constantFrom("b", "b", "b", "c").chain((one) => {
  const [path, as] = [`${paths.budgets}/${one}`, `budget_${one}`];
  const selector = fc.constantFrom({ matchLabels: { app: "web" } }, {}, { matchLabels: { app: "other" } });
  return fc.oneof(
    { arbitrary: selector.map((chosen) => post(paths.budgets, budget(one, { selector: chosen }), { as })), weight: 2 },
    fc.constant(get(path, { as })),
    preconditions(as).map((options) => remove(path, options)),
    fc
      .constantFrom({ minAvailable: 2 }, { unhealthyPodEvictionPolicy: "AlwaysAllow" }, { minAvailable: "50%" })
      .map((spec) => merge(path, { spec }, { as })),
    {
      arbitrary: fc
        .tuple(small, small, small, fc.constantFrom(1, 1, 2))
        .map(([disruptionsAllowed, currentHealthy, desiredHealthy, observedGeneration]) =>
          merge(
            `${path}/status`,
            budgetStatus({ disruptionsAllowed, currentHealthy, desiredHealthy, observedGeneration }),
            { as },
          ),
        ),
      weight: 3,
    },
  );
});
