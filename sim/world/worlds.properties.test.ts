import assert from "node:assert/strict";
import { test } from "node:test";
import { drawWorld } from "./draw.ts";
import { runWorld } from "./run.ts";

for (const mode of ["classic", "coordinated"] as const) {
  test(`${mode}: the same seed gives the same story twice, and every node is rebooted in the end`, async () => {
    const [first, second] = [await runWorld(drawWorld(7, mode)), await runWorld(drawWorld(7, mode))];
    assert.deepEqual([first.broken, first.unfinished], [[], []]);
    assert.equal(first.hash, second.hash);
    assert.deepEqual(first.counts, second.counts);
  });
}
