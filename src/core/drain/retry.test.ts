import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { EvictionOutcome } from "./refusals.ts";
import { retryAfter } from "./retry.ts";

describe("Whoever says when to ask for an eviction again", () => {
  const rng = 0.5;
  const answers: readonly ((wish: { readonly retryAfterMs?: number }) => EvictionOutcome)[] = [
    (wish) => ({ kind: "budgetPending", ...wish }),
    (wish) => ({ kind: "postponed", text: "not before noon", ...wish }),
    (wish) => ({ kind: "failed", text: "the budget is written by too many at once", ...wish }),
    (wish) => ({ kind: "throttled", ...wish }),
  ];

  test("is not asked sooner, however the pauses are spread", () => {
    for (const answer of answers) {
      assert.ok(retryAfter(answer({ retryAfterMs: 40_000 }), 1, { rng: 0 }) >= 40_000, answer({}).kind);
      assert.ok(retryAfter(answer({ retryAfterMs: 40_000 }), 1, { rng }) <= 40_000, answer({}).kind);
    }
  });

  test("is asked as ever where that is later", () => {
    for (const answer of answers.slice(0, 3))
      assert.equal(retryAfter(answer({ retryAfterMs: 500 }), 3, { rng }), retryAfter(answer({}), 3, { rng }));
  });
});
