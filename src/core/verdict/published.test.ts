import assert from "node:assert/strict";
import { test } from "node:test";
import { decodePublished, encodePublished, publish, publishedFor, type PublishedVerdict } from "./published.ts";

const ages = { sinceMs: 60_000, decidedAtMs: 120_000, nodesAgeMs: 7, ledgerAgeMs: 9 };
const told: PublishedVerdict = publish({ node: "n1", reasons: [{ code: "Done" }], recordId: "r1" }, ages);

test("a verdict is read as it was written", () => {
  assert.deepEqual(decodePublished(encodePublished(told)), told);
  assert.equal(told.reasons[0]?.code, "Done");
  assert.match(told.reasons[0]?.sentence ?? "", /\w/);
});

test("a verdict without ages and reasons is one all the same, and what is no reason is left out", () => {
  const text = '{"code":"Done","since":"1970-01-01T00:01:00Z","decided":"1970-01-01T00:02:00Z"';
  const bare = { code: "Done", sinceMs: 60_000, decidedAtMs: 120_000, nodesAgeMs: 0, ledgerAgeMs: 0, reasons: [] };
  assert.deepEqual(decodePublished(`${text}}`), bare);
  assert.deepEqual(decodePublished(`${text},"reasons":[1,{"code":"Done"},{"sentence":"x"}]}`), bare);
});

test("what we did not write is no verdict", () => {
  for (const text of ["", "[]", "{}", '{"code":"Done"}', '{"code":"Done","since":"1970-01-01T00:01:00Z"}'])
    assert.equal(decodePublished(text), undefined, text);
  assert.equal(decodePublished(undefined), undefined);
});

test("an outcome has been told only of the maintenance that it is about", () => {
  const text = encodePublished(told);
  assert.equal(publishedFor(text, { code: "Done", recordId: "r1" }), true);
  assert.equal(publishedFor(text, { code: "Done", recordId: "r2" }), false);
  assert.equal(publishedFor(text, { code: "Closing", recordId: "r1" }), false);
  assert.equal(publishedFor(undefined, { code: "Done", recordId: "r1" }), false);
});
