import assert from "node:assert/strict";
import { test } from "node:test";
import { anonymous, courseOf, held, type Kind } from "./memory.ts";
import { leak } from "./summary.ts";

test("a leak of a megabyte a minute is told in eight minutes, through all the breathing of a heap", () => {
  assert.equal(
    leaks((minute) => 30 + minute + breath(minute)),
    true,
  );
});

test("a heap that only breathes is no leak, nor one that grows while its process warms up", () => {
  assert.equal(leaks(breath), false);
  assert.equal(
    leaks((minute) => 30 + Math.min(minute, 2) * 10 + breath(minute)),
    false,
  );
});

test("of what is held after a collection a leak of a quarter of a megabyte a minute is told", () => {
  assert.equal(
    leaks((minute) => 15 + minute / 4 + flicker(minute), { kind: held }),
    true,
  );
  assert.equal(leaks(flicker, { kind: held }), false);
});

test("what is kept for good when a process comes to lead for the first time is no leak, whenever that is", () => {
  for (const at of [2.5, 4, 5.9, 6.1, 8, 9.5])
    assert.equal(
      leaks((minute) => (minute < at ? 13 : 15.5) + flicker(minute), { kind: held }),
      false,
      `at ${at} min`,
    );
});

test("a process that lived for a moment says nothing about leaks", () => {
  assert.equal(
    course((minute) => 30 + minute, { minutes: 2.5 }),
    undefined,
  );
});

interface Life {
  readonly kind?: Kind;
  readonly minutes?: number;
}

function leaks(megabytesAt: (minute: number) => number, life: Life = {}): boolean {
  const found = course(megabytesAt, life);
  assert.ok(found);
  return leak(found).length > 0;
}

/** Sampled every two seconds, with two minutes of warm-up. */
function course(megabytesAt: (minute: number) => number, { kind = anonymous, minutes = 10 }: Life) {
  const samples = Array.from({ length: minutes * 30 }, (_, index) => ({
    atMs: 1_000_000 + index * 2_000,
    megabytes: megabytesAt(index / 30),
  }));
  return courseOf(samples, { ...kind, process: "agent", warmUpMs: 120_000, leastMs: 60_000 });
}

/** As a garbage collector has it: up slowly, down at once. */
function breath(minute: number): number {
  return ((minute * 3) % 1) * 4;
}

/** What is under way at the moment. */
function flicker(minute: number): number {
  return Math.sin(minute * 50) * 0.3;
}
