import assert from "node:assert/strict";
import { test } from "node:test";
import { parseZone } from "./zone.ts";

function read(name: string): string {
  const reading = parseZone(name, { localZone: "Europe/Berlin" });
  return reading.kind === "zone" ? `${reading.zone.name} is ${reading.zone.id}` : reading.message;
}

test("a zone is named as the time zone database spells it", () => {
  assert.equal(read("UTC"), "UTC is UTC");
  assert.equal(read(""), "UTC is UTC");
  assert.equal(read("America/New_York"), "America/New_York is America/New_York");
  assert.equal(read("Asia/Calcutta"), "Asia/Calcutta is Asia/Calcutta");
  assert.equal(read("EST5EDT"), "EST5EDT is EST5EDT");
});

test("Local is the zone of the process", () => {
  assert.equal(read("Local"), "Local is Europe/Berlin");
});

test("a zone that is not known, or not spelt so, is refused by name", () => {
  for (const name of ["america/new_york", "utc", "local", "Mars/Olympus", "+01:00", "-05", "Europe/Berlin ", "Z"]) {
    assert.equal(read(name), `unknown time zone ${name}`);
  }
});

test("a path instead of a zone is refused", () => {
  for (const name of ["/etc/localtime", "\\x", "../UTC", "Europe/../UTC"]) {
    assert.equal(read(name), "time: invalid location name");
  }
});
