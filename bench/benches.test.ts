import assert from "node:assert/strict";
import { test } from "node:test";
import { benches } from "./benches.ts";

for (const [name, bench] of Object.entries(benches)) {
  test(`the bench ${name} still measures something, with inputs too small to mean anything`, async () => {
    const { input, figures } = await bench({ small: true, repeats: 1 });
    assert.ok(input.length > 0 && figures.length > 0);
    for (const { name: what, ours } of figures) {
      assert.ok(ours.length > 0, `${what} was not measured`);
      for (const sample of ours) assert.ok(Number.isFinite(sample) && sample >= 0, `${what}: ${sample}`);
    }
  });
}
