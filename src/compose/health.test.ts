import assert from "node:assert/strict";
import { test } from "node:test";
import { parseArguments } from "../config/parse-arguments.ts";
import { createContacts } from "../loop/contacts.ts";
import { createHealth } from "./health.ts";

function scene(...argv: readonly string[]) {
  let monotonicMs = 0;
  const outcome = parseArguments({ argv, env: { KURED_NODE_ID: "n1", KURED_POD_NAME: "pod" }, program: "kured" });
  assert.ok(outcome.kind === "settings");
  const clock = { now: () => ({ monotonicMs, wallMs: 0 }) };
  const book = createHealth(outcome.settings, clock);
  const faults = (checks: readonly { readonly fault: () => string | undefined }[]) =>
    checks.flatMap(({ fault }) => fault() ?? []);
  return {
    book,
    contacts: createContacts(clock),
    wait: (seconds: number) => void (monotonicMs += seconds * 1000),
    health: () => faults(book.checks.health),
    readiness: () => faults(book.checks.readiness),
  };
}

test("who is still starting is healthy and not ready", () => {
  const { book, health, readiness } = scene("--period=1m");
  assert.deepEqual([health(), readiness()], [[], ["it is still starting"]]);
  book.ready();
  assert.deepEqual(readiness(), []);
});

test("a loop that hangs turns the health red, and green when it comes round again or is over", () => {
  const { book, health, readiness, wait } = scene();
  let lastRoundAtMs = 0;
  const over = book.comesRound("agent's loop", () => lastRoundAtMs);
  book.ready();
  wait(170);
  assert.deepEqual(health(), []);
  wait(20);
  assert.deepEqual(health(), ["the agent's loop has not come round for 190 s"]);
  assert.deepEqual(readiness(), health());
  lastRoundAtMs = 190_000;
  assert.deepEqual(health(), []);
  wait(200);
  over();
  assert.deepEqual(health(), []);
});

test("the loop of an earlier term, when it ends, does not hide that of the next", () => {
  const { book, health, wait } = scene("coordinator");
  const endFirst = book.comesRound("coordinator's loop", () => 0);
  book.comesRound("coordinator's loop", () => 0);
  endFirst();
  wait(200);
  assert.deepEqual(health(), ["the coordinator's loop has not come round for 200 s"]);
});

test("on a node what is wanted may stay away for one period until it is not ready, for three until it is ill", () => {
  const { book, contacts, health, readiness, wait } = scene("--period=1m");
  book.decidesFrom(contacts);
  book.ready();
  contacts.wanting("the lock", "refused");
  wait(61);
  assert.deepEqual([health(), readiness()], [[], ["the lock could not be had for 61 s (refused)"]]);
  wait(120);
  assert.deepEqual(health(), ["the lock could not be had for 181 s (refused)"]);
  contacts.content("the lock");
  assert.deepEqual([health(), readiness()], [[], []]);
});

test("a long period is no reason to be patient for longer than six minutes, nor a short one to be hasty", () => {
  for (const [period, seconds] of [
    ["1h", 360],
    ["0s", 360],
    ["1s", 15],
  ] as const) {
    const { book, contacts, health, wait } = scene(`--period=${period}`);
    book.decidesFrom(contacts);
    contacts.wanting("the lock", "refused");
    wait(seconds);
    assert.deepEqual(health(), [], period);
    wait(1);
    assert.equal(health().length, 1, period);
  }
});

test("a coordinator is ill after four lives of the Lease without it", () => {
  const { book, contacts, health, wait } = scene("coordinator", "--lease-duration=10s");
  book.decidesFrom(contacts);
  contacts.wanting("the Lease", "refused");
  wait(40);
  assert.deepEqual(health(), []);
  wait(1);
  assert.deepEqual(health(), ["the Lease could not be had for 41 s (refused)"]);
});

test("a watch that is silent is not ready after three minutes and ill after six, and forgotten with its term", () => {
  const { book, contacts, health, readiness, wait } = scene("coordinator");
  const over = book.decidesFrom(contacts);
  book.ready();
  contacts.heard("the watch of nodes", 0);
  wait(181);
  assert.deepEqual([health(), readiness()], [[], ["the watch of nodes has been silent for 181 s"]]);
  wait(180);
  assert.deepEqual(health(), ["the watch of nodes has been silent for 361 s"]);
  assert.equal(book.ages().get("the watch of nodes"), 361_000);
  over();
  assert.deepEqual([health(), readiness(), book.ages().size], [[], [], 0]);
});
