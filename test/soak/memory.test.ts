import assert from "node:assert/strict";
import { test } from "node:test";
import { courseOf, riseLimitMegabytes } from "./memory.ts";

test("a leak of a megabyte a minute is told in eight minutes, through all the breathing of a heap", () => {
  const rise = course((minute) => 30 + minute + breath(minute))?.riseMegabytes ?? 0;
  assert.ok(rise > riseLimitMegabytes(8), `the line rises by ${rise} MB`);
});

test("a heap that only breathes is no leak, nor one that grows while its process warms up", () => {
  const rise = course((minute) => 30 + Math.min(minute, 2) * 10 + breath(minute))?.riseMegabytes ?? Infinity;
  assert.ok(Math.abs(rise) < riseLimitMegabytes(8) / 2, `the line rises by ${rise} MB`);
});

test("a process that lived for a moment says nothing about leaks", () => {
  assert.equal(
    course((minute) => 30 + minute, { minutes: 2.5 }),
    undefined,
  );
});

/** Sampled every two seconds, with two minutes of warm-up. */
function course(megabytesAt: (minute: number) => number, { minutes = 10 } = {}) {
  const samples = Array.from({ length: minutes * 30 }, (_, index) => ({
    atMs: 1_000_000 + index * 2_000,
    megabytes: megabytesAt(index / 30),
  }));
  return courseOf(samples, { process: "agent", warmUpMs: 120_000, leastMs: 60_000 });
}

/** As a garbage collector has it: up slowly, down at once. */
function breath(minute: number): number {
  return ((minute * 3) % 1) * 4;
}
