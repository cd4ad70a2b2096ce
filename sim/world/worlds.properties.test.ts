import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf } from "./batch.ts";
import { drawWorld } from "./draw.ts";
import { runWorld } from "./run.ts";

// A few worlds of many; `npm run sim -- --seeds 1000 --jobs 2` runs more and wants everything to be hit.

const seeds = Number(process.env["KURED_SIM_SEEDS"] ?? 5);

for (const mode of ["classic", "coordinated"] as const) {
  test(`${mode}: whatever goes wrong, no rule is broken and every node is served in the end`, async () => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const faults = faultsOf(await runWorld(drawWorld(seed, mode)));
      assert.deepEqual(faults, [], `npm run sim -- --seed ${seed} --mode ${mode} --log`);
    }
  });

  test(`${mode}: the same seed tells the same story twice, to the letter`, async () => {
    const [first, second] = [await runWorld(drawWorld(7, mode)), await runWorld(drawWorld(7, mode))];
    assert.equal(first.hash, second.hash);
    assert.deepEqual(first.counts, second.counts);
  });
}
