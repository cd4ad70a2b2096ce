import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Random } from "../ports/random.ts";
import { NotifyError, type Notifier } from "./notifier.ts";

/** Where messages wait until they are delivered. */
export interface Outbox {
  /**
   * Takes a message for every target, behind those that were taken before. Never rejects. Resolves with `true` when all
   * targets have it or were given up, and with `false` when the end of the process came first.
   */
  tell(message: string): Promise<boolean>;
}

/** What an outbox needs. */
export interface OutboxParts {
  readonly targets: readonly Notifier[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Runs what delivers; whoever ends the process waits for it. */
  readonly start: (work: () => Promise<void>) => void;
  /** The process is about to end: what is waiting gets one try more, all of it within `lingerMs`. */
  readonly signal: AbortSignal;
}

interface Message {
  readonly text: string;
  readonly saidAtMs: number;
  /** One target has it, or was given up. */
  readonly settled: () => void;
}

interface Queue {
  readonly target: Notifier;
  readonly messages: Message[];
  running: boolean;
}

const messagesMax = 100;
/** A service that is away for so long has its own alarms; what is said then is not news any more. */
const triedForMs = 60 * 60_000;
const attemptTimeoutMs = 10_000;
const longestRestMs = 60_000;
/** A machine that goes down leaves its pods about half a minute; we have more to do in it than this. */
const lingerMs = 5_000;

/** An outbox that tells every target in order, one message at a time, and no target waits for another one. */
export function createOutbox(parts: OutboxParts): Outbox {
  const queues = parts.targets.map((target): Queue => ({ target, messages: [], running: false }));
  return {
    tell: (text) => {
      const { promise, settled } = settlement(queues.length, parts.signal);
      for (const queue of queues) enqueue({ text, saidAtMs: parts.clock.now().monotonicMs, settled }, { queue, parts });
      return promise;
    },
  };
}

function enqueue(message: Message, { queue, parts }: { readonly queue: Queue; readonly parts: OutboxParts }): void {
  if (queue.messages.length >= messagesMax) {
    // The first is under way; the oldest that is not goes.
    for (const dropped of queue.messages.splice(1, 1)) dropped.settled();
    warn("too many messages are waiting, the oldest is dropped", { queue, ...parts });
  }
  queue.messages.push(message);
  if (queue.running) return;
  queue.running = true;
  parts.start(() => deliver(queue, parts));
}

/** Resolves with `true` when `settled` has been called so many times, or with `false` when the signal aborts first. */
function settlement(count: number, signal: AbortSignal) {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let left = count;
  const ended = () => resolve(false);
  const settled = () => {
    left -= 1;
    if (left > 0) return;
    signal.removeEventListener("abort", ended);
    resolve(true);
  };
  if (signal.aborted) ended();
  else if (count === 0) resolve(true);
  else signal.addEventListener("abort", ended, { once: true });
  return { promise, settled };
}

async function deliver(queue: Queue, parts: OutboxParts): Promise<void> {
  const ending = endingSoonAfter(parts);
  try {
    for (let message = queue.messages[0]; message !== undefined; message = queue.messages[0]) {
      await deliverOne(message, { queue, parts, ending: ending.signal, delivered: new Set() });
      queue.messages.shift()?.settled();
    }
  } finally {
    queue.running = false;
    ending.clear();
  }
}

interface Delivery {
  readonly queue: Queue;
  readonly parts: OutboxParts;
  /** Nothing is sent any more after it. */
  readonly ending: AbortSignal;
  /** The target's recipients that have the message, over all tries. */
  readonly delivered: Set<string>;
}

async function deliverOne({ text, saidAtMs }: Message, delivery: Delivery): Promise<void> {
  const { queue, parts } = delivery;
  const { clock, random, log, signal } = parts;
  for (let tries = 1; ; tries += 1) {
    const refusal = await attempt(text, delivery);
    if (refusal === undefined) return;
    const givenUp = refusal.final || clock.now().monotonicMs - saidAtMs >= triedForMs || signal.aborted;
    // The first and the last are worth somebody's attention.
    if (tries === 1 || givenUp) warn(refusal.message, { queue, log });
    else log.write("debug", `Error notifying: ${refusal.message}`, { target: queue.target.name });
    if (givenUp) return;
    const restMs = Math.min(longestRestMs, 1_000 * 2 ** tries) * (0.5 + random.next());
    try {
      await clock.sleep(Math.max(restMs, Math.min(refusal.retryAfterMs ?? 0, 10 * longestRestMs)), { signal });
    } catch {
      // The process ends: one try more, without the rest.
    }
  }
}

async function attempt(text: string, { queue, parts, ending, delivered }: Delivery): Promise<NotifyError | undefined> {
  if (ending.aborted) return undelivered();
  const deadline = parts.clock.deadline(attemptTimeoutMs, { signal: ending });
  try {
    await queue.target.send(text, { signal: deadline.signal, delivered });
    return undefined;
  } catch (error) {
    if (error instanceof NotifyError) return error;
    if (ending.aborted) return undelivered();
    if (deadline.signal.aborted) return new NotifyError(`no answer within ${attemptTimeoutMs / 1_000} s`);
    // Of a defect nobody knows what its message holds.
    return new NotifyError(`unexpected ${error instanceof Error ? error.name : "failure"}`);
  } finally {
    deadline.clear();
  }
}

function undelivered(): NotifyError {
  return new NotifyError("not delivered before the end of the process", { final: true });
}

/** Aborts some time after the process was told to end, so that a last message still gets out. */
function endingSoonAfter({ signal, clock }: OutboxParts): { readonly signal: AbortSignal; readonly clear: () => void } {
  const ending = new AbortController();
  const over = new AbortController();
  const linger = () => {
    clock.sleep(lingerMs, { signal: over.signal }).then(
      () => ending.abort(new Error("the process ends")),
      () => undefined,
    );
  };
  if (signal.aborted) linger();
  else signal.addEventListener("abort", linger, { once: true });
  return {
    signal: ending.signal,
    clear: () => {
      signal.removeEventListener("abort", linger);
      over.abort();
    },
  };
}

function warn(why: string, { queue, log }: { readonly queue: Queue; readonly log: Log }): void {
  log.write("warning", `Error notifying: ${why}`, { target: queue.target.name });
}
