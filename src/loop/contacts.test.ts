import assert from "node:assert/strict";
import { test } from "node:test";
import { createContacts } from "./contacts.ts";

const limits = { patienceMs: 10_000, silenceMs: 60_000 };

function scene() {
  let monotonicMs = 1_000;
  const contacts = createContacts({ now: () => ({ monotonicMs, wallMs: 0 }) });
  return { contacts, wait: (ms: number) => void (monotonicMs += ms), now: () => monotonicMs };
}

test("what is wanted in vain for too long is a fault that names the last reason, until it comes", () => {
  const { contacts, wait } = scene();
  contacts.wanting("the lock", "refused");
  wait(9_000);
  contacts.wanting("the lock", "unreachable");
  assert.deepEqual(contacts.faults(limits), []);
  wait(2_000);
  assert.deepEqual(contacts.faults(limits), ["the lock could not be had for 11 s (unreachable)"]);
  contacts.content("the lock");
  assert.deepEqual(contacts.faults(limits), []);
  contacts.wanting("the lock", "refused");
  assert.deepEqual(contacts.faults(limits), []);
});

test("a watch that is silent for too long is a fault, although it never failed", () => {
  const { contacts, wait, now } = scene();
  contacts.heard("the watch of nodes", now());
  wait(61_000);
  assert.deepEqual(contacts.faults(limits), ["the watch of nodes has been silent for 61 s"]);
  contacts.heard("the watch of nodes", now() - 1_000);
  assert.deepEqual(contacts.faults(limits), []);
  assert.deepEqual([...contacts.ages()], [["the watch of nodes", 1_000]]);
});

test("news that come late do not make a watch older than it is", () => {
  const { contacts, wait, now } = scene();
  contacts.heard("the watch of nodes", now());
  contacts.heard("the watch of nodes", now() - 500);
  wait(1_000);
  assert.equal(contacts.ages().get("the watch of nodes"), 1_000);
});

test("nothing is expected of a watch that was ended", () => {
  const { contacts, wait, now } = scene();
  contacts.heard("the watch of pods on n1", now());
  contacts.wanting("the watch of pods on n1", "refused");
  contacts.forget("the watch of pods on n1");
  wait(100_000);
  assert.deepEqual(contacts.faults(limits), []);
  assert.equal(contacts.ages().size, 0);
});
