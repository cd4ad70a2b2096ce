import assert from "node:assert/strict";
import { test } from "node:test";
import { samplesOf } from "./by-subject.ts";
import type { Figure } from "./figure.ts";
import { renderLine, renderResult } from "./print.ts";
import { median, p99 } from "./statistics.ts";

const figure: Figure = { name: "drain/30 pods", unit: "s", ours: [1, 2, 9], goal: { atMost: 2.5 } };

test("the median of an even number of runs lies between the two in the middle, and p99 of a few is the greatest", () => {
  assert.deepEqual([median([4, 1, 3, 2]), median([5, 1, 3]), p99([4, 1, 3, 2])], [2.5, 3, 4]);
  assert.ok(Number.isNaN(median([])));
  assert.equal(p99(Array.from({ length: 201 }, (_, index) => index)), 198);
});

test("a figure is one line with its median, its p99, how often it ran, and whether its goal is met", () => {
  assert.equal(renderLine(figure), "drain/30 pods: 2 s (p99 9 s, 3 runs); goal ≤ 2.5 s: met");
  const byTail = renderLine({ ...figure, goal: { atMost: 2.5, of: "p99" } });
  assert.equal(byTail, "drain/30 pods: 2 s (p99 9 s, 3 runs); goal p99 ≤ 2.5 s: MISSED");
});

test("what was not measured meets no goal", () => {
  assert.match(
    renderLine({ ...figure, ours: [] }),
    /^drain\/30 pods: \? s \(p99 \? s, 0 runs\); goal ≤ 2.5 s: MISSED$/,
  );
});

test("another binary stands beside ours with the ratio of the medians", () => {
  const samples = samplesOf(
    [
      { which: "ours", runs: [1, 2, 9] },
      { which: "other", runs: [22, 24] },
    ],
    (seconds) => seconds,
  );
  const line = renderLine({ ...figure, ...samples });
  assert.match(line, /other 23 s \(p99 24 s\), ratio 11\.5×/);
  const text = renderResult("drain", { input: ["One node."], figures: [{ ...figure, ...samples }, figure] });
  assert.match(text, /^\| drain\/30 pods \| 2 s \| 9 s \| 23 s \| 24 s \| 11\.5× \| ≤ 2\.5 s \| met \|$/m);
  assert.match(text, /^\| drain\/30 pods \| 2 s \| 9 s \| {2}\| {2}\| {2}\| ≤ 2\.5 s \| met \|$/m);
});
