import assert from "node:assert/strict";
import { test } from "node:test";
import { compareBoots } from "./identity.ts";

for (const [before, after, outcome] of [
  ["kernel-1", "kernel-2", "changed"],
  ["kernel-1/100", "kernel-2/100", "changed"],
  ["kernel-1", "kernel-1", "same"],
  ["kernel-1/100", "kernel-1/100", "same"],
  ["kernel-1/100", "kernel-1/200", "changed"],
  ["kernel-1", "kernel-1/100", "unknown"],
  ["kernel-1/100", "kernel-1", "unknown"],
] as const)
  test(`from boot ${before} to boot ${after}: ${outcome}`, () => {
    assert.equal(compareBoots(before, after), outcome);
  });
