import assert from "node:assert/strict";
import { test } from "node:test";
import { node, owner, recordReading } from "../../core/testing/builders.ts";
import { createTerms } from "./terms.ts";

const leading = { kind: "leading", term: 2, untilMs: 1_000 } as const;
const renewed = { ...leading, untilMs: 2_000 };

function at(term: number, given: { readonly owner?: string } = {}) {
  return node({ record: recordReading({ term, ...given }) });
}

test("a Lease that was deleted counts from one again, and its leader goes on above the records that it finds", () => {
  const terms = createTerms(owner);
  terms.listed([at(7)]);
  assert.deepEqual(terms.of(leading), { ...leading, term: 8 });
  terms.listed([at(9)]);
  assert.deepEqual(terms.of(leading), { ...leading, term: 8 }, "what comes later is a newer leader's");
});

test("a higher term that comes while we lead is a newer leader's, until our Lease is renewed after we have seen it", () => {
  const terms = createTerms(owner);
  terms.listed([]);
  terms.renewed(renewed, [at(7)]);
  assert.deepEqual(terms.of(renewed), renewed, "this renewal was sent before");
  terms.renewed(renewed, [at(7)]);
  assert.deepEqual(terms.of(renewed), { ...renewed, term: 8 }, "a leader of a Lease that was deleted wrote it");
});

test("our own records and those of other installations raise no term", () => {
  const terms = createTerms(owner);
  terms.listed([at(7)]);
  for (let renewal = 0; renewal < 5; renewal++) terms.renewed(renewed, [at(8), at(90, { owner: "other/kured" })]);
  assert.deepEqual(terms.of(renewed), { ...renewed, term: 8 });
});
