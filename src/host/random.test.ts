import assert from "node:assert/strict";
import { test } from "node:test";
import { machineRandom } from "./random.ts";

test("chance is at least 0 and below 1, and does not repeat itself", () => {
  const random = machineRandom();
  const draws = Array.from({ length: 1000 }, () => random.next());
  assert.ok(draws.every((draw) => draw >= 0 && draw < 1));
  assert.ok(new Set(draws).size > 990);
});

test("hexadecimal chance is lower-case, as long as asked and never twice the same", () => {
  const random = machineRandom();
  const nonces = Array.from({ length: 100 }, () => random.hex(16));
  for (const nonce of nonces) assert.match(nonce, /^[0-9a-f]{32}$/);
  assert.equal(new Set(nonces).size, 100);
});
