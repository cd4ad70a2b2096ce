import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { describeWindow, windowAt } from "./classic.ts";
import type { ClassicWindow } from "./classic.ts";
import { parseTimeOfDay } from "./time-of-day.ts";
import { parseDays } from "./weekdays.ts";
import { parseZone } from "./zone.ts";

interface Texts {
  readonly days?: string;
  readonly start?: string;
  readonly end?: string;
  readonly tz?: string;
}

function windowOf({ days = "0,1,2,3,4,5,6", start = "0:00", end = "23:59:59", tz = "UTC" }: Texts): ClassicWindow {
  const chosen = parseDays(days.split(","));
  const [from, to] = [parseTimeOfDay(start), parseTimeOfDay(end)];
  const zone = parseZone(tz, { localZone: "UTC" });
  assert.ok(chosen.kind === "days" && from.kind === "time" && to.kind === "time" && zone.kind === "zone");
  return { days: chosen.days, startSecondOfDay: from.secondOfDay, endSecondOfDay: to.secondOfDay, zone: zone.zone };
}

function isOpen(texts: Texts, instant: string): boolean {
  return windowAt(windowOf(texts), Date.parse(instant)).open;
}

function changesAt(texts: Texts, instant: string): string | undefined {
  const { changesAtMs } = windowAt(windowOf(texts), Date.parse(instant));
  return changesAtMs === undefined ? undefined : new Date(changesAtMs).toISOString().replace(".000Z", "Z");
}

interface Vector extends Texts {
  readonly text: string;
  readonly open: readonly string[];
  readonly closed: readonly string[];
}

const tz = "America/Los_Angeles";

/** kured's own test cases. */
const vectors: readonly Vector[] = [
  {
    days: "mon,tue,wed,thu,fri",
    start: "9am",
    end: "5pm",
    tz,
    text: "---MonTueWedThuFri--- between 09:00 and 17:00 America/Los_Angeles",
    open: ["2019-04-04T12:00:00-07:00", "2019-04-05T09:01:00-07:00"],
    closed: ["2019-03-31T10:00-07:00", "2019-04-04T00:49-07:00", "2019-04-04T11:59Z", "2019-04-05T08:59-07:00"],
  },
  {
    days: "mon,we,fri",
    start: "10:01",
    end: "11:30am",
    tz,
    text: "---Mon---Wed---Fri--- between 10:01 and 11:30 America/Los_Angeles",
    open: ["2019-04-05T10:30-07:00", "2019-04-08T10:30-07:00", "2019-04-10T10:30-07:00"],
    closed: ["2019-04-06T10:30-07:00", "2019-04-07T10:30-07:00", "2019-04-09T10:30-07:00", "2019-04-11T10:30-07:00"],
  },
  {
    days: "mo,tu,we,th,fr",
    start: "00:00",
    end: "23:59:59",
    tz: "UTC",
    text: "---MonTueWedThuFri--- between 00:00 and 23:59 UTC",
    open: ["2019-04-18T00:00:00Z", "2019-04-18T23:59:00Z"],
    closed: [],
  },
  {
    days: "mon,tue,wed,thu,fri",
    start: "9pm",
    end: "5am",
    tz,
    text: "---MonTueWedThuFri--- between 21:00 and 05:00 America/Los_Angeles",
    open: ["2019-04-04T00:49-07:00", "2019-04-04T22:49-07:00", "2019-04-05T00:49-07:00"],
    closed: [
      "2019-03-30T04:00-07:00",
      "2019-03-31T10:00-07:00",
      "2019-03-31T22:00-07:00",
      "2019-04-04T12:00-07:00",
      "2019-04-05T08:59-07:00",
      "2019-04-05T09:01-07:00",
    ],
  },
  {
    days: "mon,tue,wed,thu,fri",
    start: "11:59pm",
    end: "00:01am",
    tz,
    text: "---MonTueWedThuFri--- between 23:59 and 00:01 America/Los_Angeles",
    open: ["2019-04-04T23:59-07:00", "2019-04-05T00:00-07:00", "2019-04-05T00:01-07:00"],
    closed: ["2019-04-04T23:58-07:00", "2019-04-05T00:02-07:00"],
  },
  {
    days: "mon,tue,wed,fri",
    start: "11:59pm",
    end: "00:01am",
    tz,
    text: "---MonTueWed---Fri--- between 23:59 and 00:01 America/Los_Angeles",
    open: ["2019-04-05T00:00-07:00"],
    closed: ["2019-04-04T23:58-07:00", "2019-04-04T23:59-07:00", "2019-04-05T00:02-07:00"],
  },
  {
    days: "mon,tue,wed,thu",
    start: "11:59pm",
    end: "00:01am",
    tz,
    text: "---MonTueWedThu------ between 23:59 and 00:01 America/Los_Angeles",
    open: ["2019-04-04T23:59-07:00"],
    closed: ["2019-04-04T23:58-07:00", "2019-04-05T00:00-07:00", "2019-04-05T00:02-07:00"],
  },
  {
    days: "mon,tue,wed,thu,fri",
    start: "11:59pm",
    end: "00:01am",
    tz: "UTC",
    text: "---MonTueWedThuFri--- between 23:59 and 00:01 UTC",
    open: ["2019-04-04T23:59:00Z", "2019-04-05T00:00:00Z", "2019-04-05T00:01:00Z"],
    closed: ["2019-04-04T23:58:00Z", "2019-04-05T00:02:00Z"],
  },
];

test("a window is open, and described, as in kured", () => {
  for (const vector of vectors) {
    assert.equal(describeWindow(windowOf(vector)), vector.text);
    for (const instant of vector.open) assert.equal(isOpen(vector, instant), true, `${vector.text}: ${instant}`);
    for (const instant of vector.closed) assert.equal(isOpen(vector, instant), false, `${vector.text}: ${instant}`);
  }
});

test("the last second belongs to the window", () => {
  const second = { start: "5pm", end: "5pm" };
  assert.equal(isOpen(second, "2024-01-01T17:00:00Z"), true);
  assert.equal(isOpen(second, "2024-01-01T17:00:00.999Z"), true);
  assert.equal(isOpen(second, "2024-01-01T17:00:01Z"), false);
  assert.equal(isOpen({ start: "9am", end: "17" }, "2024-01-01T17:00:00.500Z"), true);
  assert.equal(isOpen({ start: "9am", end: "17" }, "2024-01-01T17:00:01Z"), false);
  assert.equal(isOpen({ start: "9am", end: "17:00" }, "2024-01-01T17:00:59Z"), false);
  assert.equal(isOpen({}, "2024-01-01T23:59:59.999Z"), true);
});

test("over midnight, the weekday of the moment counts, not that of the evening before", () => {
  const friday = { days: "fr", start: "10pm", end: "4am" };
  assert.equal(isOpen(friday, "2024-01-05T23:00Z"), true);
  assert.equal(isOpen(friday, "2024-01-06T01:00Z"), false);
  assert.equal(isOpen(friday, "2024-01-05T01:00Z"), true);
  assert.equal(isOpen(friday, "2024-01-05T04:00:00.500Z"), true);
  assert.equal(changesAt(friday, "2024-01-03T12:00Z"), "2024-01-05T00:00:00Z");
  assert.equal(changesAt(friday, "2024-01-05T01:00Z"), "2024-01-05T04:00:01Z");
  assert.equal(changesAt(friday, "2024-01-05T23:00Z"), "2024-01-06T00:00:00Z");
});

test("a window without days never opens and never will", () => {
  assert.deepEqual(windowAt(windowOf({ days: "" }), 0), { open: false, changesAtMs: undefined });
});

test("a window of every second never closes, also where an hour is repeated at midnight", () => {
  // In Santiago the clocks went back from 24:00 to 23:00 on 6 April 2024, that is at 03:00Z on the 7th.
  for (const texts of [{}, { start: "12:00", end: "11:59:59" }]) {
    const window = windowOf({ ...texts, tz: "America/Santiago" });
    const state = windowAt(window, Date.parse("2024-04-07T03:30:00Z"));
    assert.deepEqual(state, { open: true, changesAtMs: undefined });
  }
});

test("a wall time that the clocks skip or repeat is the one that kured takes", () => {
  const newYork = "America/New_York";
  assert.equal(isOpen({ start: "1:30", end: "3:30", tz: newYork }, "2024-03-10T06:45:00Z"), true);
  // 02:30 does not exist on that day: kured takes 06:30Z.
  const skipped = { start: "2:30", end: "3:30", tz: newYork };
  assert.equal(isOpen(skipped, "2024-03-10T06:45:00Z"), true);
  assert.equal(isOpen(skipped, "2024-03-10T07:10:00Z"), true);
  assert.equal(isOpen(skipped, "2024-03-10T07:35:00Z"), false);
  assert.equal(changesAt(skipped, "2024-03-10T00:00:00Z"), "2024-03-10T06:30:00Z");
  assert.equal(isOpen({ start: "11pm", end: "1am", tz: newYork }, "2024-03-10T04:30:00Z"), true);
});

const zones = ["UTC", "America/New_York", "Europe/Berlin", "Europe/London", "America/Santiago", "Africa/Cairo"];
zones.push("Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "Asia/Beirut");

const someWindow = fc
  .record({
    days: fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 }),
    start: fc.integer({ min: 0, max: 86_399 }),
    end: fc.integer({ min: 0, max: 86_399 }),
    zone: fc.constantFrom(...zones),
  })
  .map(({ days, start, end, zone }): ClassicWindow => {
    const chosen = parseDays(days.map(String));
    assert.ok(chosen.kind === "days");
    return { days: chosen.days, startSecondOfDay: start, endSecondOfDay: end, zone: { name: zone, id: zone } };
  });

/** Half of the instants lie within two days of a change of some clock. */
const someInstant = fc.oneof(
  fc.integer({ min: Date.parse("2005-01-01"), max: Date.parse("2030-01-01") }),
  fc
    .tuple(
      fc.constantFrom("2024-03-10", "2024-11-03", "2024-03-31", "2024-10-27", "2024-04-07", "2024-09-08", "2011-12-30"),
      fc.integer({ min: -2 * 86_400_000, max: 2 * 86_400_000 }),
    )
    .map(([day, awayMs]) => Date.parse(day) + awayMs),
);

test("the announced change is the first one: nothing changes before it, and it does", () => {
  fc.assert(
    fc.property(someWindow, someInstant, (window, wallMs) => {
      fc.pre(window.days.includes(false) || (window.endSecondOfDay + 1) % 86_400 !== window.startSecondOfDay);
      const { open, changesAtMs } = windowAt(window, wallMs);
      assert.ok(changesAtMs !== undefined && changesAtMs > wallMs && Number.isInteger(changesAtMs));
      assert.equal(windowAt(window, changesAtMs).open, !open);
      assert.equal(windowAt(window, changesAtMs - 1).open, open);
      const lastMinute = Math.max(wallMs, changesAtMs - 60_000);
      for (let at = lastMinute; at < changesAtMs; at += 1000) assert.equal(windowAt(window, at).open, open);
      const fromMs = Math.max(wallMs, changesAtMs - 12 * 3_600_000);
      for (let at = fromMs; at < changesAtMs; at += 10 * 60_000) assert.equal(windowAt(window, at).open, open);
    }),
    { numRuns: 60 },
  );
});
