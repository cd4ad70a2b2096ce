import assert from "node:assert/strict";
import { test } from "node:test";
import { describeTimeOfDay, parseTimeOfDay } from "./time-of-day.ts";

const readings: Readonly<Record<string, string>> = {
  "0:00": "00:00:00",
  "00:00": "00:00:00",
  "23:59:59": "23:59:59",
  "9am": "09:00:00",
  "09am": "09:00:00",
  "12am": "00:00:00",
  "0am": "00:00:00",
  "0pm": "12:00:00",
  "12pm": "12:00:00",
  "00:01am": "00:01:00",
  "5pm": "17:00:00",
  "17": "17:00:00",
  "17:00": "17:00:00",
  "05:00pm": "17:00:00",
  "11:30am": "11:30:00",
  "11:59pm": "23:59:00",
  "12:00am": "00:00:00",
  "12:00pm": "12:00:00",
  "01:02": "01:02:00",
  "1:02": "01:02:00",
  "1:02:03": "01:02:03",
  "8": "08:00:00",
  "08": "08:00:00",
  "23": "23:00:00",
  "23:59:59.5": "23:59:59",
  "23:59:59,999": "23:59:59",
};

test("a time of day is read in each of kured's layouts", () => {
  for (const [text, expected] of Object.entries(readings)) {
    const [hours = 0, minutes = 0, seconds = 0] = expected.split(":").map(Number);
    const secondOfDay = hours * 3600 + minutes * 60 + seconds;
    assert.deepEqual(parseTimeOfDay(text), { kind: "time", secondOfDay }, text);
  }
});

test("5:00pm works as kured's documentation says, although kured refuses it", () => {
  assert.deepEqual(parseTimeOfDay("5:00pm"), { kind: "time", secondOfDay: 17 * 3600 });
  assert.deepEqual(parseTimeOfDay("3:04pm"), { kind: "time", secondOfDay: 15 * 3600 + 4 * 60 });
});

test("what is no time of day is refused with its text", () => {
  const refused = ["24:00", "24", "9AM", "03:04PM", "13pm", "1:2", "7:5", "1:02:3", "23:59:60", "12:60", "008", ""];
  refused.push(" 9am", "9 am", "9pm ", "noon", "5p", "-1:00", "23:59:59.", "9:30:00am", "12:60pm", "5\n");
  for (const text of refused) {
    assert.deepEqual(parseTimeOfDay(text), { kind: "invalid", message: `invalid time format: ${text}` });
  }
});

test("times of day are shown with two digits and without seconds", () => {
  assert.equal(describeTimeOfDay(0), "00:00");
  assert.equal(describeTimeOfDay(86_399), "23:59");
  assert.equal(describeTimeOfDay(9 * 3600 + 5 * 60), "09:05");
});
