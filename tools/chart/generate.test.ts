import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../source.ts";
import { chartOptions } from "./configuration.ts";
import { generatedChartFiles } from "./generate.ts";

for (const [path, text] of generatedChartFiles()) {
  test(`${path} is what the options table says: else run npm run chart and commit what it writes`, () => {
    assert.equal(readFileSync(join(root, path), "utf8"), text);
  });
}

test("the chart's first forty arguments are those of chart 6.1.0, in its order", () => {
  const values = chartOptions().flatMap(({ value }) => (value === "" ? [] : [value]));
  assert.deepEqual(values.slice(0, 3), ["metricsHost", "metricsPort", "lockTtl"]);
  assert.deepEqual(values.slice(36, 40), ["annotateNodes", "preferNoScheduleTaint", "logFormat", "concurrency"]);
  assert.equal(new Set(values).size, values.length);
});
