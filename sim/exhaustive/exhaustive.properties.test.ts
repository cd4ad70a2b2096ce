import assert from "node:assert/strict";
import { test } from "node:test";
import { tryEveryDeath } from "./every-death.ts";
import { smallest } from "./small-worlds.ts";
import { faultsInFormula, tellTally } from "./telling.ts";

// Every death in the smallest worlds; `npm run sim:exhaustive -- --jobs 2` and `npm run test:full` try larger ones, and
// a second death after each.

for (const world of smallest) {
  test(`${world.name}: whichever write a process dies at, no rule is broken and every node is served`, async (context) => {
    const [tally] = await tryEveryDeath(world);
    assert.ok(tally !== undefined);
    context.diagnostic(tellTally(world, { tally, deaths: 1 }));
    assert.deepEqual(faultsInFormula(tally), []);
    assert.deepEqual(tally.failures, []);
    assert.ok(tally.formula.writes >= 20, "a maintenance takes twenty writes at least");
    assert.equal(tally.formula.commands, 1);
  });
}
