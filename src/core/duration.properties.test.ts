import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatDuration, parseDuration } from "./duration.ts";

const units = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 10n ** 9n,
  m: 60n * 10n ** 9n,
  h: 3600n * 10n ** 9n,
};

/** One number and its unit as Go's grammar allows them, and the nanoseconds that it means. */
const part = fc
  .record({
    whole: fc.option(fc.nat(9_999)),
    fraction: fc.option(fc.stringMatching(/^[0-9]{0,3}$/)),
    unit: fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[])),
  })
  .filter(({ whole, fraction }) => whole !== null || (fraction ?? "") !== "")
  .map(({ whole, fraction, unit }) => ({
    text: `${whole ?? ""}${fraction === null ? "" : `.${fraction}`}${unit}`,
    nanoseconds:
      BigInt(whole ?? 0) * units[unit] +
      (BigInt(fraction ?? "0") * units[unit]) / 10n ** BigInt((fraction ?? "").length),
  }));

test("every sum of numbers with units is read as that sum, and printed so that it is read again", () => {
  const given = fc.tuple(fc.constantFrom("", "+", "-"), fc.array(part, { minLength: 1, maxLength: 5 }));
  fc.assert(
    fc.property(given, ([sign, parts]) => {
      const sum = parts.reduce((total, { nanoseconds }) => total + nanoseconds, 0n);
      const wanted = { kind: "duration", nanoseconds: sign === "-" ? -sum : sum } as const;
      assert.deepEqual(parseDuration(sign + parts.map(({ text }) => text).join("")), wanted);
      assert.deepEqual(parseDuration(formatDuration(wanted.nanoseconds)), wanted);
    }),
  );
});

test("a text is a duration exactly if the grammar says so", () => {
  const grammar = /^[-+]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
  const tokens = ["0", "1", "25", ".", "h", "m", "s", "ms", "n", "u", "µs", "μs", "+", "-", " ", "d", "H", "e"];
  const text = fc.array(fc.constantFrom(...tokens), { maxLength: 6 }).map((some) => some.join(""));
  fc.assert(
    fc.property(text, (some) => {
      assert.equal(parseDuration(some).kind === "duration", grammar.test(some), JSON.stringify(some));
    }),
    { numRuns: 1_000 },
  );
});
