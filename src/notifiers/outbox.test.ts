import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { machineClock } from "../host/clock.ts";
import { createTasks } from "../loop/tasks.ts";
import type { Clock } from "../ports/clock.ts";
import { NotifyError, type Notifier } from "./notifier.ts";
import { createOutbox } from "./outbox.ts";

const real = machineClock();

/** Real time, a hundred times as fast. */
const fast: Clock = {
  now: () => real.now(),
  sleep: (durationMs, options) => real.sleep(durationMs / 100, options),
  deadline: (durationMs, options) => real.deadline(durationMs / 100, options),
};

/** Time that passes only while somebody rests, and then at once. */
function skippingClock(): Clock {
  let atMs = 0;
  return {
    now: () => ({ wallMs: atMs, monotonicMs: atMs }),
    sleep: (durationMs) => {
      atMs += durationMs;
      return Promise.resolve();
    },
    deadline: (durationMs, options) => real.deadline(durationMs, options),
  };
}

function outboxTo(...targets: readonly Notifier[]) {
  return outboxAt(fast, targets);
}

function outboxAt(clock: Clock, targets: readonly Notifier[]) {
  const stop = new AbortController();
  const lines: string[] = [];
  const failures: unknown[] = [];
  const tasks = createTasks({ signal: stop.signal, failed: (error) => failures.push(error) });
  const outbox = createOutbox({
    targets,
    clock,
    random: { next: () => 0.5, hex: () => "" },
    log: { write: (level, message) => lines.push(`${level} ${message}`) },
    start: (work) => tasks.start(work),
    signal: stop.signal,
  });
  const said: Promise<boolean>[] = [];
  /** Without waiting for anybody. */
  const say = (message: string): void => void said.push(outbox.tell(message));
  return { outbox, say, stop, lines, tasks, failures };
}

function target(send: (message: string, at: number) => Promise<void> | void): Notifier & { readonly got: string[] } {
  const got: string[] = [];
  return {
    name: "target",
    got,
    send: async (message) => {
      got.push(message);
      await send(message, got.length);
    },
  };
}

test("messages come in order, and what was refused for a moment comes before what was said later", async () => {
  const flaky = target((_message, at) => {
    if (at <= 2) throw new NotifyError("busy");
  });
  const { say, lines, tasks } = outboxTo(flaky);
  say("drain");
  say("reboot");
  await tasks.ended();
  assert.deepEqual(flaky.got, ["drain", "drain", "drain", "reboot"]);
  assert.deepEqual(lines, ["warning Error notifying: busy", "debug Error notifying: busy"]);
});

test("each try of a message knows who has it already, and the next message begins anew", async () => {
  const known: string[] = [];
  const { say, tasks } = outboxTo({
    name: "two rooms",
    send: async (message, { delivered = new Set() }) => {
      known.push(`${message}: ${Array.from(delivered).join()}`);
      if (delivered.has("first")) return;
      delivered.add("first");
      throw new NotifyError("the second refused");
    },
  });
  say("drain");
  say("reboot");
  await tasks.ended();
  assert.deepEqual(known, ["drain: ", "drain: first", "reboot: ", "reboot: first"]);
});

test("what is refused for good is said once and not tried again", async () => {
  const dead = target(() => {
    throw new NotifyError("no_service", { final: true });
  });
  const { say, lines, tasks } = outboxTo(dead);
  say("drain");
  await tasks.ended();
  assert.deepEqual(dead.got, ["drain"]);
  assert.deepEqual(lines, ["warning Error notifying: no_service"]);
});

test("a target that hangs holds up no other one, and is hung up on", async () => {
  const hanging: Notifier = {
    name: "hanging",
    send: (_message, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error(String(signal.reason))), { once: true });
      }),
  };
  const good = target(() => undefined);
  const { say, stop, lines, tasks } = outboxTo(hanging, good);
  say("drain");
  say("reboot");
  await real.sleep(30, { signal: stop.signal });
  assert.deepEqual(good.got, ["drain", "reboot"]);
  await real.sleep(120, { signal: stop.signal });
  assert.deepEqual(lines.slice(0, 1), ["warning Error notifying: no answer within 10 s"]);
  stop.abort(new Error("SIGTERM"));
  await tasks.ended();
  assert.equal(getEventListeners(stop.signal, "abort").length, 0);
});

test("whoever never answers is told at most a hundred things; the oldest go, and the log says so", async () => {
  const gate = Promise.withResolvers<void>();
  const slow = target(() => gate.promise);
  const { say, lines, tasks } = outboxTo(slow);
  for (let at = 0; at < 103; at += 1) say(String(at));
  gate.resolve();
  await tasks.ended();
  assert.deepEqual([slow.got[0], slow.got[1], slow.got.length], ["0", "4", 100]);
  assert.equal(lines.length, 3);
  assert.match(lines[0] ?? "", /^warning Error notifying: too many messages are waiting/);
});

test("a process that ends tries once more what is waiting, and ends", async () => {
  const down = target(() => {
    throw new NotifyError("down", { retryAfterMs: 3_600_000 });
  });
  const { say, stop, tasks, failures } = outboxTo(down);
  say("drain");
  say("reboot");
  await real.sleep(10, { signal: stop.signal });
  assert.deepEqual(down.got, ["drain"]);
  stop.abort(new Error("SIGTERM"));
  await tasks.ended();
  assert.deepEqual(down.got, ["drain", "drain", "reboot"]);
  assert.deepEqual(failures, []);
});

test("of a defect nobody knows what its words hold, so they are not printed", async () => {
  let tries = 0;
  const { say, lines, tasks } = outboxTo({
    name: "broken",
    send: () => {
      tries += 1;
      return tries < 2 ? Promise.reject(new TypeError("https://user:secret@host")) : Promise.resolve();
    },
  });
  say("drain");
  await tasks.ended();
  assert.deepEqual(lines, ["warning Error notifying: unexpected TypeError"]);
});

test("whoever said something hears when all targets have it, though one of them took longer", async () => {
  const good = target(() => undefined);
  const flaky = target((_message, at) => {
    if (at <= 2) throw new NotifyError("busy");
  });
  const { outbox, tasks } = outboxTo(good, flaky);
  assert.equal(await outbox.tell("drain"), true);
  assert.deepEqual([good.got.length, flaky.got.length], [1, 3]);
  await tasks.ended();
});

test("where nobody is to be told, or for good, everybody has been", async () => {
  assert.equal(await outboxTo().outbox.tell("drain"), true);
  const dead = target(() => {
    throw new NotifyError("no_service", { final: true });
  });
  assert.equal(await outboxTo(dead).outbox.tell("drain"), true);
});

test("a service that is away for an hour is given up, and what was said later is told then", async () => {
  let away = true;
  const back = target(() => {
    if (away) throw new NotifyError("down");
  });
  const { outbox, lines, tasks } = outboxAt(skippingClock(), [back]);
  const drain = outbox.tell("drain");
  assert.equal(await drain, true);
  assert.ok(back.got.length > 60 && back.got.length < 70, `${back.got.length} tries in an hour`);
  assert.deepEqual(lines.at(-1), "warning Error notifying: down");
  away = false;
  assert.equal(await outbox.tell("reboot"), true);
  assert.equal(back.got.at(-1), "reboot");
  await tasks.ended();
});

test("whoever waits is told at once that the process ends first, and leaves nothing behind", async () => {
  const down = target(() => {
    throw new NotifyError("down");
  });
  const { outbox, stop, tasks } = outboxTo(down, down);
  const said = outbox.tell("drain");
  await real.sleep(5, { signal: stop.signal });
  stop.abort(new Error("SIGTERM"));
  assert.equal(await said, false);
  assert.equal(await outbox.tell("reboot"), false);
  await tasks.ended();
  assert.equal(getEventListeners(stop.signal, "abort").length, 0);
});
