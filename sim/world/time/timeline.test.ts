import assert from "node:assert/strict";
import { test } from "node:test";
import { Timeline } from "./timeline.ts";

/** What happens, with its instant, and what follows from it at once. */
async function story(timeline: Timeline, delaysMs: readonly number[]): Promise<readonly string[]> {
  const told: string[] = [];
  const tell = (what: string) => void told.push(`${timeline.nowMs} ${what}`);
  for (const delayMs of delaysMs)
    timeline.after(delayMs, () => {
      tell(`${delayMs}`);
      queueMicrotask(() => tell(`after ${delayMs}`));
    });
  timeline.after(8, () => tell("taken back")).cancel();
  await timeline.runUntil(100);
  return told;
}

test("one thing happens after the other, each with all that follows from it, at its millisecond", async () => {
  assert.deepEqual(await story(new Timeline(), [7, 3, 7]), [
    "3 3",
    "3 after 3",
    "7 7",
    "7 after 7",
    "7 7",
    "7 after 7",
  ]);
});

test("with a grain what was due since the instant before happens together, and nothing too early", async () => {
  assert.deepEqual(await story(new Timeline(0, 5), [7, 3, 10, 11]), [
    "5 3",
    "5 after 3",
    "10 7",
    "10 10",
    "10 after 7",
    "10 after 10",
    "15 11",
    "15 after 11",
  ]);
});

test("with a grain what follows at the same instant still happens at it", async () => {
  const timeline = new Timeline(0, 5);
  const told: number[] = [];
  timeline.after(1, () => void timeline.after(0, () => told.push(timeline.nowMs)));
  await timeline.runUntil(5);
  assert.deepEqual(told, [5]);
});
