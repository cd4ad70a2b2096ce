import assert from "node:assert/strict";
import { test } from "node:test";
import { runSimulation } from "./simulation.ts";

async function run(...argv: readonly string[]): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  return { code: await runSimulation({ argv, print, handOn: () => Promise.resolve() }), lines };
}

for (const [argument, sentence] of [
  ["--seeds=x", '--seeds is a whole number of at least 1, and not "x".'],
  ["--seeds=0", '--seeds is a whole number of at least 1, and not "0".'],
  ["--seeds=1e3", '--seeds is a whole number of at least 1, and not "1e3".'],
  ["--seed=-1", '--seed is a whole number of at least 0, and not "-1".'],
  ["--jobs=", '--jobs is a whole number of at least 1, and not "".'],
  ["--stride=0", '--stride is a whole number of at least 1, and not "0".'],
] as const)
  test(`${argument} runs no world and says why, instead of passing without any`, async () => {
    assert.deepEqual(await run(argument), { code: 2, lines: [sentence] });
  });

test("a process whose share of few seeds is empty is no mistake", async () => {
  assert.deepEqual(await run("--seeds=0", "--share"), { code: 0, lines: [] });
});
