import assert from "node:assert/strict";
import { test } from "node:test";
import { quantity } from "./quantity.ts";

test("each suffix of a quantity is worth what Kubernetes says", () => {
  const decimal = { n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 };
  const binary = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 };
  for (const [suffix, worth] of Object.entries({ "": 1, ...decimal, ...binary }))
    assert.equal(quantity(`3${suffix}`), 3 * worth, suffix);
  assert.deepEqual([quantity("2e3"), quantity("1.5"), quantity(7)], [2_000, 1.5, 7]);
  assert.deepEqual([quantity("3Q"), quantity("much"), quantity(null), quantity(Infinity)], Array(4).fill(undefined));
});
