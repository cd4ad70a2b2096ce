import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeRequest, inForce } from "./request.ts";

const untilMs = Date.parse("2026-05-05T12:00:00Z");

test("what people write into a pause or a hold is understood, and no word of theirs is taken for a yes", () => {
  const read = [
    ["true", { reason: "" }],
    ["", { reason: "" }],
    ["the database is being moved", { reason: "the database is being moved" }],
    ["2026-05-05T12:00:00Z", { reason: "", untilMs }],
    ['{"until":"2026-05-05T12:00:00Z","reason":"upgrade"}', { reason: "upgrade", untilMs }],
    ['{"until":"2026-05-05T12:00:00Z"}', { reason: "", untilMs }],
    ['{"reason":"upgrade"}', { reason: "upgrade" }],
    // Whoever misspells it has not asked for nothing.
    ['{"untill":"2026-05-05T12:00:00Z"}', { reason: '{"untill":"2026-05-05T12:00:00Z"}' }],
    ["False", { reason: "False" }],
  ] as const;
  for (const [text, request] of read) assert.deepEqual(decodeRequest(text), request, text);
});

test("only a missing annotation and the word false ask for nothing", () => {
  assert.equal(decodeRequest(undefined), undefined);
  assert.equal(decodeRequest("false"), undefined);
});

test("a request is over at its end, and one without an end never", () => {
  const bounded = { reason: "", untilMs };
  assert.equal(inForce(bounded, untilMs - 1), bounded);
  assert.equal(inForce(bounded, untilMs), undefined);
  assert.deepEqual(inForce({ reason: "" }, Infinity), { reason: "" });
  assert.equal(inForce(undefined, 0), undefined);
});
