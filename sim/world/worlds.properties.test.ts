import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { BatchResult } from "./batch.ts";
import { runShared } from "./many/shares.ts";
import { worldsForCoverage } from "./many/simulation.ts";
import { failureLines, neverHit } from "./many/telling.ts";

// `npm run sim -- --seeds 100000 --jobs 2` runs more.

const seeds = Number(process.env["KURED_SIM_SEEDS"] ?? 120);
const deadlineMs = Math.max(240_000, seeds * 1_500);

describe(`${seeds} worlds of both modes`, { timeout: deadlineMs }, () => {
  let result: BatchResult;
  before(
    async () => {
      result = await runShared({ first: 1, count: seeds, stride: 1, twice: true }, { jobs: 2 });
    },
    { timeout: deadlineMs },
  );

  test("whatever goes wrong, no rule is broken, every node is served in the end, and a second run tells the same story to the letter", () => {
    assert.equal(result.worlds, seeds);
    assert.deepEqual(
      result.failures.flatMap((failure) => failureLines(failure, undefined)),
      [],
    );
  });

  const tooFew = `so much is met only from ${worldsForCoverage} worlds on, as in .ci/run and the full run`;
  test("every fault, phase, verdict and crash point is met", { skip: seeds < worldsForCoverage && tooFew }, () => {
    assert.deepEqual(neverHit(result), []);
  });
});
