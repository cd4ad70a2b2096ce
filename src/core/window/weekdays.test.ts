import assert from "node:assert/strict";
import { test } from "node:test";
import { describeDays, isNever, parseDays } from "./weekdays.ts";

function described(list: string): string {
  const reading = parseDays(list.split(","));
  return reading.kind === "days" ? describeDays(reading.days) : reading.messages.join("; ");
}

test("days are named by number, or by name of two letters, three or all, in any case", () => {
  assert.equal(described("0,4"), "Sun---------Thu------");
  assert.equal(described("su,mo,tu"), "SunMonTue------------");
  assert.equal(described("sunday,tu,thu"), "Sun---Tue---Thu------");
  assert.equal(described("THURSDAY"), "------------Thu------");
  assert.equal(described("we,WED,WeDnEsDaY"), "---------Wed---------");
  assert.equal(described("+3"), "---------Wed---------");
  assert.equal(described("06"), "------------------Sat");
  assert.equal(described("-0"), "Sun------------------");
  assert.equal(described("00"), "Sun------------------");
  assert.equal(described("su,mo,tu,we,th,fr,sa"), "SunMonTueWedThuFriSat");
});

test("empty items are no day, and no item at all is never", () => {
  assert.equal(described(""), "---------------------");
  assert.equal(described(",,,"), "---------------------");
  const none = parseDays([]);
  assert.ok(none.kind === "days" && isNever(none.days));
  const monday = parseDays(["mon"]);
  assert.ok(monday.kind === "days" && !isNever(monday.days));
});

test("a wrong day is refused by name, and all wrong days together", () => {
  assert.equal(described("15"), "invalid weekday, number out of range: 15");
  assert.equal(described("-8"), "invalid weekday, number out of range: -8");
  assert.equal(described("8"), "invalid weekday, number out of range: 8");
  assert.equal(described("07"), "invalid weekday, number out of range: 07");
  assert.equal(described("mon,tue,wed,fridayyyy"), "invalid weekday: fridayyyy");
  for (const day of [" tue", "m", "tues", "thurs", "weds", "1.0"]) {
    assert.equal(described(day), `invalid weekday: ${day}`);
  }
  assert.equal(described("mon, tue,9"), "invalid weekday:  tue; invalid weekday, number out of range: 9");
});
