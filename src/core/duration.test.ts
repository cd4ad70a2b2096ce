import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { durationMs, formatDuration, formatDurationMs, parseDuration } from "./duration.ts";

const readings: readonly (readonly [string, bigint, string])[] = [
  ["0", 0n, "0s"],
  ["+0", 0n, "0s"],
  ["-0", 0n, "0s"],
  ["0s", 0n, "0s"],
  ["90s", 90_000_000_000n, "1m30s"],
  ["1h", 3_600_000_000_000n, "1h0m0s"],
  ["1h0m0s", 3_600_000_000_000n, "1h0m0s"],
  ["1h30m", 5_400_000_000_000n, "1h30m0s"],
  ["1.5h", 5_400_000_000_000n, "1h30m0s"],
  [".5s", 500_000_000n, "500ms"],
  ["5.s", 5_000_000_000n, "5s"],
  ["1.5s", 1_500_000_000n, "1.5s"],
  ["30m", 1_800_000_000_000n, "30m0s"],
  ["100ms", 100_000_000n, "100ms"],
  ["250us", 250_000n, "250µs"],
  ["250µs", 250_000n, "250µs"],
  ["250μs", 250_000n, "250µs"],
  ["1.5us", 1_500n, "1.5µs"],
  ["1ns", 1n, "1ns"],
  ["-1m", -60_000_000_000n, "-1m0s"],
  ["+5m", 300_000_000_000n, "5m0s"],
  ["1m1m", 120_000_000_000n, "2m0s"],
  ["1m1h", 3_660_000_000_000n, "1h1m0s"],
  ["8760h", 31_536_000_000_000_000n, "8760h0m0s"],
  ["2562047h47m16.854775807s", 9_223_372_036_854_775_807n, "2562047h47m16.854775807s"],
  ["-2562047h47m16.854775808s", -9_223_372_036_854_775_808n, "-2562047h47m16.854775808s"],
  ["0.3333333333333333333h", 1_200_000_000_000n, "20m0s"],
  ["0.100000000000000000000h", 360_000_000_000n, "6m0s"],
  ["1.0000000000001h", 3_600_000_000_000n, "1h0m0s"],
  ["0.12345678901234567891h", 444_444_440_444n, "7m24.444440444s"],
  ["1.9999999999999999999ns", 2n, "2ns"],
  ["0.9999999999999999999s", 1_000_000_000n, "1s"],
];

test("a duration is read and printed as kured reads and prints it", () => {
  for (const [text, nanoseconds, printed] of readings) {
    assert.deepEqual(parseDuration(text), { kind: "duration", nanoseconds }, text);
    assert.equal(formatDuration(nanoseconds), printed, text);
  }
});

const refusals: readonly (readonly [string, string])[] = [
  ["1d", 'unknown unit "d" in duration "1d"'],
  ["1w", 'unknown unit "w" in duration "1w"'],
  ["5", 'missing unit in duration "5"'],
  ["300", 'missing unit in duration "300"'],
  ["", 'invalid duration ""'],
  ["-", 'invalid duration "-"'],
  ["s", 'invalid duration "s"'],
  [".s", 'invalid duration ".s"'],
  [" 5m", 'invalid duration " 5m"'],
  ["1 h", 'unknown unit " h" in duration "1 h"'],
  ["1h 30m", 'unknown unit "h " in duration "1h 30m"'],
  ["5m ", 'unknown unit "m " in duration "5m "'],
  ["1H", 'unknown unit "H" in duration "1H"'],
  ["1e3s", 'unknown unit "e" in duration "1e3s"'],
  ["1h-5m", 'unknown unit "h-" in duration "1h-5m"'],
  ["2562048h", 'invalid duration "2562048h"'],
  ["2562047h47m16.854775808s", 'invalid duration "2562047h47m16.854775808s"'],
  ["99999999999999999999s", 'invalid duration "99999999999999999999s"'],
  ["99999999999999999999", 'invalid duration "99999999999999999999"'],
  ["5é", 'unknown unit "\\xc3\\xa9" in duration "5\\xc3\\xa9"'],
  ['"5m"', 'invalid duration "\\"5m\\""'],
  ["5\n", 'unknown unit "\\x0a" in duration "5\\x0a"'],
];

test("what is no duration is refused in Go's own words", () => {
  for (const [text, message] of refusals) {
    assert.deepEqual(parseDuration(text), { kind: "invalid", message: `time: ${message}` }, JSON.stringify(text));
  }
});

test("every duration that is printed can be read back", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }), (nanoseconds) => {
      assert.deepEqual(parseDuration(formatDuration(nanoseconds)), { kind: "duration", nanoseconds });
    }),
  );
});

test("milliseconds are rounded away from zero and printed like any duration", () => {
  assert.equal(durationMs(0n), 0);
  assert.equal(durationMs(1n), 1);
  assert.equal(durationMs(-1n), -1);
  assert.equal(durationMs(1_500_000n), 2);
  assert.equal(durationMs(60_000_000_000n), 60_000);
  assert.equal(formatDurationMs(90_000), "1m30s");
  assert.equal(formatDurationMs(0.5), "500µs");
});
