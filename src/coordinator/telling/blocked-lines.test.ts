import assert from "node:assert/strict";
import { test } from "node:test";
import { questionKey } from "../../core/question.ts";
import type { GateState } from "../../core/policy/gate.ts";
import { GateError, type Gate } from "../../gates/gate.ts";
import { machineClock } from "../../host/clock.ts";
import { machineRandom } from "../../host/random.ts";
import { askGate } from "../ask-gate.ts";
import { createWorld } from "../world/world.ts";

const closed = (detail: string): GateState => ({ kind: "closed", by: "pod", detail });

test("that a reboot is blocked is said when its words change, and not at every look as in kured", async () => {
  const clock = machineClock();
  const parts = { clock, random: machineRandom(), lockAnnotation: "lock", owner: "kube-system/kured" };
  const world = createWorld({ ...parts, leadership: { kind: "alone" } });
  const lines: string[] = [];
  const log = { write: (level: string, message: string) => void lines.push(`${level} ${message}`) };
  const says: readonly (GateState | GateError)[] = [
    closed("matching pods: [a]"),
    closed("matching pods: [a]"),
    closed("matching pods: [a b]"),
    new GateError("503"),
    new GateError("503"),
    { kind: "open" },
    closed("matching pods: [a]"),
  ];
  const { signal } = new AbortController();
  const question = { kind: "gate", gate: "pods", node: "n1", freshForMs: 0 } as const;
  for (const state of says) {
    const ask = () => (state instanceof GateError ? Promise.reject(state) : Promise.resolve(state));
    const gate: Gate = { name: "pods", scope: "node", failure: "pod query error", ask };
    world.answer(questionKey(question), await askGate(question, { gates: [gate], world, clock, log, signal }));
  }
  assert.deepEqual(lines, [
    "warning Reboot blocked: matching pods: [a]",
    "warning Reboot blocked: matching pods: [a b]",
    "warning Reboot blocked: pod query error: 503",
    "warning Reboot blocked: matching pods: [a]",
  ]);
});
