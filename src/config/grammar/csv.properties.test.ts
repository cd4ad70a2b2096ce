import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseRecord } from "./csv.ts";

const characters = fc.constantFrom("a", "ä", "🙂", " ", "=", ",", '"', "'", "\n", "\\", "#");
const field = fc.string({ unit: characters, maxLength: 8 });
const plain = fc.string({ unit: characters.filter((one) => !/[",\n]/.test(one)), minLength: 1, maxLength: 8 });

/** A field as it may be written, and what it means. */
const written = fc.oneof(
  plain.map((text) => ({ text, meaning: text })),
  field.map((meaning) => ({ text: `"${meaning.replaceAll('"', '""')}"`, meaning })),
);

test("whatever is written as CSV, quoted or not, is read as it was meant, and only the first line counts", () => {
  const record = fc.array(written, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(record, fc.constantFrom("", "\n", "\r\n", "\nmore,of it"), (fields, rest) => {
      const text = fields.map((one) => one.text).join(",") + rest;
      assert.deepEqual(parseRecord(text), { kind: "fields", fields: fields.map(({ meaning }) => meaning) });
    }),
  );
});

test("a text without quotes is split at its commas and nowhere else", () => {
  const text = fc.string({ unit: fc.constantFrom("a", " ", ",", "=", "'"), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(text, (some) => {
      assert.deepEqual(parseRecord(some), { kind: "fields", fields: some.split(",") });
    }),
  );
});

test("a line is a list exactly if the grammar says so, and its fields are those of the grammar", () => {
  const quoted = '"(?:[^"]|"")*"';
  const field = `${quoted}|[^",]*`;
  const grammar = new RegExp(`^(?:${field})(?:,(?:${field}))*$`);
  const text = fc.string({ unit: fc.constantFrom("a", " ", ",", ",", '"', '"', "="), minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(text, (some) => {
      const reading = parseRecord(some);
      assert.equal(reading.kind === "fields", grammar.test(some), JSON.stringify(some));
      if (reading.kind === "invalid") return assert.match(reading.message, /^parse error on line 1, column \d+: /);
      const pieces = Array.from(`,${some}`.matchAll(new RegExp(`,(${field})`, "g")), ([, piece = ""]) => piece);
      const meant = pieces.map((one) => (one.startsWith('"') ? one.slice(1, -1).replaceAll('""', '"') : one));
      assert.deepEqual(reading.fields, meant, JSON.stringify(some));
    }),
    { numRuns: 1_000 },
  );
});
