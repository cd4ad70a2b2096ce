import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { decodeLease } from "./lease.ts";
import type { LeaseRecord } from "./lease.ts";
import { electionStep, sight } from "./step.ts";
import type { Candidate } from "./step.ts";

function record(spec: Record<string, string | number> = {}): LeaseRecord {
  return decodeLease({ metadata: { name: "kured", uid: "u", resourceVersion: "1" }, spec });
}

function candidate(knows: Partial<Candidate> = {}): Candidate {
  return {
    identity: "me",
    leadingTerm: undefined,
    claimedTerm: undefined,
    highestTerm: 0,
    leaseDurationMs: 15_000,
    ...knows,
  };
}

const held = record({ holderIdentity: "other", leaseTransitions: 4, leaseDurationSeconds: 10 });

test("a lease that does not exist is created, in a term above all that were seen", () => {
  assert.deepEqual(electionStep(undefined, candidate(), 0), { kind: "create", term: 1 });
  assert.deepEqual(electionStep(undefined, candidate({ highestTerm: 7 }), 0), { kind: "create", term: 8 });
});

test("another's lease is respected for as long as it promises, by our own clock", () => {
  const sighting = { record: held, unchangedSinceMs: 1_000 };
  assert.deepEqual(electionStep(sighting, candidate(), 10_999), { kind: "wait", holder: "other" });
  assert.deepEqual(electionStep(sighting, candidate(), 11_000), { kind: "acquire", term: 5 });
});

test("a holder that does not say for how long holds for as long as we would", () => {
  const sighting = { record: record({ holderIdentity: "other" }), unchangedSinceMs: 0 };
  assert.equal(electionStep(sighting, candidate(), 14_999).kind, "wait");
  assert.equal(electionStep(sighting, candidate(), 15_000).kind, "acquire");
});

test("a lease that was given back is free at once", () => {
  const sighting = { record: record({ holderIdentity: "", leaseTransitions: 4 }), unchangedSinceMs: 0 };
  assert.deepEqual(electionStep(sighting, candidate(), 0), { kind: "acquire", term: 5 });
});

test("an empty lease, as a chart may have made it, is free", () => {
  assert.deepEqual(electionStep({ record: record(), unchangedSinceMs: 0 }, candidate(), 0), {
    kind: "acquire",
    term: 1,
  });
});

test("our own lease of this term is renewed; that of a previous life is acquired in a new term", () => {
  const sighting = { record: record({ holderIdentity: "me", leaseTransitions: 4 }), unchangedSinceMs: 0 };
  assert.deepEqual(electionStep(sighting, candidate({ leadingTerm: 4 }), 0), { kind: "renew", term: 4 });
  assert.deepEqual(electionStep(sighting, candidate(), 0), { kind: "acquire", term: 5 });
});

test("an acquisition whose answer was lost is ours, in yet another term", () => {
  const sighting = { record: record({ holderIdentity: "me", leaseTransitions: 4 }), unchangedSinceMs: 0 };
  assert.deepEqual(electionStep(sighting, candidate({ claimedTerm: 4, highestTerm: 4 }), 0), {
    kind: "acquire",
    term: 5,
  });
});

test("a living process of our own name is another holder, and waited for", () => {
  const sighting = { record: record({ holderIdentity: "me", leaseTransitions: 4 }), unchangedSinceMs: 0 };
  const knows = { leadingTerm: 3, claimedTerm: 3, highestTerm: 4 };
  assert.deepEqual(electionStep(sighting, candidate(knows), 14_999), { kind: "wait", holder: "me" });
  assert.deepEqual(electionStep(sighting, candidate(knows), 15_000), { kind: "acquire", term: 5 });
});

test("a lease made anew by a stranger does not take the terms back", () => {
  const sighting = { record: record({ holderIdentity: "", leaseTransitions: 0 }), unchangedSinceMs: 0 };
  assert.deepEqual(electionStep(sighting, candidate({ highestTerm: 9 }), 0), { kind: "acquire", term: 10 });
});

test("each renewal that is seen starts the holder's time anew, whatever instants it states", () => {
  const renewed = (renewTime: string): LeaseRecord => record({ holderIdentity: "other", renewTime });
  const first = sight(undefined, renewed("2001-01-01T00:00:00.000000Z"), 100);
  const same = sight(first, renewed("2001-01-01T00:00:00.000000Z"), 900);
  const next = sight(same, renewed("1999-01-01T00:00:00.000000Z"), 1_000);
  assert.deepEqual(
    [first, same, next].map(({ unchangedSinceMs }) => unchangedSinceMs),
    [100, 100, 1_000],
  );
});

test("whatever a lease says, nobody takes it from a holder that was seen to renew within its time", () => {
  const spec = fc.record({
    holderIdentity: fc.constantFrom("", "me", "other"),
    leaseTransitions: fc.nat(9),
    leaseDurationSeconds: fc.integer({ min: 1, max: 30 }),
  });
  const term = fc.option(fc.nat(9), { nil: undefined });
  const knows = fc.record({ leadingTerm: term, claimedTerm: term, highestTerm: fc.nat(9) });
  fc.assert(
    fc.property(spec, knows, fc.nat(40_000), (spec, knows, ageMs) => {
      const step = electionStep({ record: record(spec), unchangedSinceMs: 0 }, candidate(knows), ageMs);
      const alive = spec.holderIdentity === "other" && ageMs < spec.leaseDurationSeconds * 1000;
      if (alive) assert.equal(step.kind, "wait");
      if (step.kind === "wait") assert.ok(ageMs < spec.leaseDurationSeconds * 1000);
      if (step.kind === "acquire") assert.ok(step.term > spec.leaseTransitions && step.term > knows.highestTerm);
      if (step.kind === "renew") assert.ok(spec.holderIdentity === "me" && knows.leadingTerm === spec.leaseTransitions);
    }),
  );
});
