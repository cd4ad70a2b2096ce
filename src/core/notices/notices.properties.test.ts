import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runHistory } from "../testing/model/history.ts";

// That everything is told at least once, in order, whatever dies, is among the rules of decide.properties.test.ts.

const calm = { lost: 0, refused: 0, late: 0 };

for (const mode of ["coordinated", "classic"] as const)
  test(`${mode}: where nothing dies, people are told of each drain, reboot and uncordon once`, () => {
    const nodes = fc.array(fc.record({ controlPlane: fc.boolean(), pods: fc.nat(2), needAtMs: fc.nat(15_000) }), {
      minLength: 1,
      maxLength: 3,
    });
    const property = fc.property(nodes, fc.nat(1_000_000), (specs, seed) => {
      const policy = { notices: true, rebootDelayMs: seed % 2 === 0 ? 0 : 45_000 };
      const ending = runHistory({ mode, seed, nodes: specs, policy, trouble: calm }, []);
      assert.deepEqual([...ending.broken, ...ending.leftovers], []);
      const { told } = ending.world.rules.notices;
      assert.deepEqual([...told.values()], Array(3 * specs.length).fill(1));
    });
    fc.assert(property, { numRuns: 30, seed: 20_260_505 });
  });
