import assert from "node:assert/strict";
import { test } from "node:test";
import { soakSimulated } from "./simulated.ts";
import { courseLine, leak } from "./summary.ts";

for (const mode of ["classic", "coordinated"] as const) {
  test(`${mode}: an hour of virtual time under fire breaks no rule, and what is remembered does not grow`, async (context) => {
    const { reboots, faults, heap } = await soakSimulated(mode, { hours: 1, seed: 1 });
    assert.ok(heap !== undefined, "the world was long enough for its memory to be judged");
    context.diagnostic(`${reboots} reboots; ${courseLine(heap)}`);
    assert.deepEqual([...faults, ...leak(heap)], [], "npm run soak -- --simulated-hours 1 --seed 1");
    assert.ok(reboots >= 10, `only ${reboots} reboots`);
  });
}
