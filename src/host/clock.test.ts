import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { DeadlineExceeded } from "../ports/clock.ts";
import { machineClock } from "./clock.ts";

const day = 24 * 60 * 60 * 1000;

test("a sleep lasts at least as long as asked, by the monotonic clock", async () => {
  const clock = machineClock();
  const { signal } = new AbortController();
  const before = clock.now();
  await clock.sleep(30, { signal });
  const after = clock.now();
  assert.ok(after.monotonicMs - before.monotonicMs >= 30);
  assert.ok(Number.isInteger(after.wallMs) && after.wallMs >= before.wallMs);
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("a sleep of zero, of less and of no number yields once", async () => {
  const clock = machineClock();
  const { signal } = new AbortController();
  for (const durationMs of [0, -1, Number.NaN]) {
    let others = false;
    queueMicrotask(() => (others = true));
    await clock.sleep(durationMs, { signal });
    assert.ok(others);
  }
});

test("a sleep of 30 days does not end at once", async () => {
  const clock = machineClock();
  const controller = new AbortController();
  let woke = false;
  const sleeping = clock.sleep(30 * day, { signal: controller.signal }).finally(() => (woke = true));
  await clock.sleep(40, { signal: new AbortController().signal });
  assert.equal(woke, false);
  controller.abort(new Error("over"));
  await assert.rejects(sleeping, /over/);
});

test("a sleep longer than one timer takes several and ends in time", async () => {
  const clock = machineClock({ longestMs: 7 });
  const before = clock.now().monotonicMs;
  await clock.sleep(50, { signal: new AbortController().signal });
  const tookMs = clock.now().monotonicMs - before;
  assert.ok(tookMs >= 50 && tookMs < 1000, `took ${tookMs} ms`);
});

test("an abort ends a sleep at once with the signal's reason and leaves nothing behind", async () => {
  const clock = machineClock();
  const controller = new AbortController();
  const sleeping = clock.sleep(day, { signal: controller.signal });
  const reason = new Error("SIGTERM");
  controller.abort(reason);
  await assert.rejects(sleeping, (error) => error === reason);
  assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  await assert.rejects(clock.sleep(1, { signal: controller.signal }), (error) => error === reason);
});

test("a deadline aborts in time with a reason that says how long it was", async () => {
  const clock = machineClock();
  const parent = new AbortController();
  const deadline = clock.deadline(20, { signal: parent.signal });
  await assert.rejects(clock.sleep(day, { signal: deadline.signal }), (error) => {
    assert.ok(error instanceof DeadlineExceeded);
    assert.equal(error.durationMs, 20);
    return true;
  });
  assert.equal(getEventListeners(parent.signal, "abort").length, 0);
});

test("a deadline passes on an abort of the signal above it", () => {
  const clock = machineClock();
  const parent = new AbortController();
  const deadline = clock.deadline(day, { signal: parent.signal });
  const reason = new Error("SIGTERM");
  parent.abort(reason);
  assert.equal(deadline.signal.reason, reason);
  const late = clock.deadline(day, { signal: parent.signal });
  assert.equal(late.signal.reason, reason);
  late.clear();
});

test("a cleared deadline never aborts and leaves no listener behind", async () => {
  const clock = machineClock();
  const parent = new AbortController();
  const deadline = clock.deadline(10, { signal: parent.signal });
  deadline.clear();
  deadline.clear();
  await clock.sleep(30, { signal: parent.signal });
  assert.equal(deadline.signal.aborted, false);
  assert.equal(getEventListeners(parent.signal, "abort").length, 0);
});
