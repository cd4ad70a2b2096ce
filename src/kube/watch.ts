import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Random } from "../ports/random.ts";
import { describeFailure } from "./answers.ts";
import type { Failure } from "./answers.ts";
import type { KubeClient } from "./client.ts";
import type { Kind, Selection } from "./kinds.ts";
import type { Decode } from "./object.ts";
import type { WatchEvent } from "./wire/watch-stream.ts";

/** Bookmarks come about once a minute, so that so much silence is a dead connection. */
export const watchIdleMs = 180_000;

/** Told what is in the collection, in order and never two at a time. What they throw ends the watch. */
export interface WatchHandlers<T> {
  /** The whole collection, freshly listed: what is not in it exists no more. */
  readonly replaced: (items: readonly T[]) => void;
  /** One object is new or changed; may repeat what is known already. */
  readonly upserted: (item: T) => void;
  /** One object exists no more; this is its last state. */
  readonly deleted: (item: T) => void;
  /**
   * How many objects are kept of what was handed over. Where a watch goes on adding to them for ever, they are listed
   * anew: whoever sends so many has no such collection. Unless given nobody keeps more than one.
   */
  readonly held?: () => number;
  /**
   * Proof that what was handed over is what the API server knew at that monotonic instant: a list (the instant
   * before it was asked for), an event or a bookmark (as old as such may be on their way).  Comes after the handler it
   * belongs to.
   */
  readonly contact?: (observedAtMs: number) => void;
  /** The API server has accepted the watch: from now on we are told of what changes. */
  readonly opened?: () => void;
  /** Contact is lost or the API server refuses; tried again after `retryInMs`. What is known grows stale. */
  readonly lost?: (failure: Failure, options: { readonly retryInMs: number }) => void;
}

/** What an endless watch needs. */
export interface WatchParts<T> extends Selection {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly decode: Decode<T>;
  readonly handlers: WatchHandlers<T>;
  readonly signal: AbortSignal;
  /** Asks for `PartialObjectMetadata`. */
  readonly metadataOnly?: boolean;
  /** `watchIdleMs` unless told. */
  readonly idleMs?: number;
  readonly pageSize?: number;
  readonly maxLineBytes?: number;
}

/**
 * Lists a collection and then follows it for as long as `signal` lets it: a watch that ends goes on from where it
 * was, one that is too old or makes no sense starts again with a list, and one that fails is tried again after
 * 1 s … 30 s. Rejects with `signal.reason`, or with what a handler has thrown.
 */
export async function watchCollection<T>(kind: Kind, parts: WatchParts<T>): Promise<never> {
  const { clock, random, handlers, log, signal } = parts;
  const trouble = troubleTeller(kind, log);
  const contact = (observedAtMs: number): void => {
    handlers.contact?.(observedAtMs);
    trouble.over();
  };
  const size = { listed: 0 };
  let from: string | undefined;
  let failures = 0;
  let expired = false;
  for (;;) {
    const { resumeFrom, progressed, failure } = await watchOnce(kind, { ...parts, contact, size, from });
    from = resumeFrom;
    if (progressed) failures = 0;
    // After an outage the history is gone, and who says so is there again: only a second time in a row is odd.
    const everyday = failure === undefined ? progressed : failure.kind === "expired" && !expired;
    expired = failure?.kind === "expired";
    if (failure !== undefined || !progressed) failures++;
    const retryInMs = everyday ? random.next() * reconnectSpreadMs : backOffMs(failures, { failure, random });
    if (!everyday) {
      handlers.lost?.(failure ?? endedAtOnce, { retryInMs });
      trouble.tell(failures, { failure: failure ?? endedAtOnce, retryInMs });
    }
    await clock.sleep(retryInMs, { signal });
  }
}

/** An event proves its version, not the instant at which it is read: it may have waited, here or in the API server. */
const watchLagMs = 15_000;
/** An idle watch that lasted so long was a good one. */
const goodWatchMs = 30_000;
/** After a regular end a thousand watchers need not come back in the same millisecond. */
const reconnectSpreadMs = 200;
/** The API server's own choice is half an hour to an hour; of a thousand agents each reconnect is a request. */
const shortestWatchSeconds = 2_700;
const longestWatchSeconds = 3_600;
const firstBackOffMs = 1_000;
const longestBackOffMs = 30_000;

const endedAtOnce: Failure = { kind: "unreachable", message: "the watch was closed at once" };

const endlessWatch: Failure = {
  kind: "malformed",
  message: "a watch adds objects without end",
  excerpt: "",
};

/** How one list and watch, or one watch, went. */
interface Round {
  /** Where the next watch goes on; `undefined` asks for a list first. */
  readonly resumeFrom: string | undefined;
  /** Whether something was seen on the watch, so that the next failure is a new one. */
  readonly progressed: boolean;
  /** `undefined`: the API server ended the watch as it does every hour. */
  readonly failure: Failure | undefined;
}

interface RoundParts<T> extends WatchParts<T> {
  readonly contact: (observedAtMs: number) => void;
  /** How many objects the last list had. */
  readonly size: { listed: number };
  readonly from: string | undefined;
}

async function watchOnce<T>(kind: Kind, parts: RoundParts<T>): Promise<Round> {
  if (parts.from !== undefined) return await follow(kind, { ...parts, from: parts.from });
  const listed = await listOnce(kind, parts);
  return typeof listed === "string" ? await follow(kind, { ...parts, from: listed }) : listed;
}

/** Hands the whole collection over; answers the version to watch from. */
async function listOnce<T>(kind: Kind, parts: RoundParts<T>): Promise<string | Round> {
  const { client, clock, handlers, contact } = parts;
  const askedAtMs = clock.now().monotonicMs;
  const answer = await client.list(kind, parts);
  if (answer.kind !== "ok") return { resumeFrom: undefined, progressed: false, failure: answer };
  handlers.replaced(answer.value.items);
  parts.size.listed = answer.value.items.length;
  contact(askedAtMs);
  return answer.value.resourceVersion;
}

async function follow<T>(kind: Kind, parts: RoundParts<T> & { readonly from: string }): Promise<Round> {
  const { client, clock, random, handlers, contact, idleMs = watchIdleMs } = parts;
  const startedAtMs = clock.now().monotonicMs;
  const spread = longestWatchSeconds - shortestWatchSeconds;
  const timeoutSeconds = Math.round(shortestWatchSeconds + random.next() * spread);
  const watch = await client.watch(kind, { ...parts, resourceVersion: parts.from, timeoutSeconds, idleMs });
  if (watch.kind !== "ok") return { resumeFrom: afterFailure(watch, parts.from), progressed: false, failure: watch };
  handlers.opened?.();
  let from = parts.from;
  let progressed = false;
  for await (const event of watch.value) {
    if (event.kind === "failed") {
      return { resumeFrom: afterFailure(event.failure, from), progressed, failure: event.failure };
    }
    handOver(event, handlers);
    // It has no end, so that it counts as no progress however much has come.
    if (hasOutgrown(parts)) return { resumeFrom: undefined, progressed: false, failure: endlessWatch };
    contact(clock.now().monotonicMs - watchLagMs);
    from = event.resourceVersion;
    progressed = true;
  }
  progressed ||= clock.now().monotonicMs - startedAtMs >= goodWatchMs;
  return { resumeFrom: from, progressed, failure: undefined };
}

/** Room for a cluster that grows until the next list. */
const spareObjects = 10_000;

function hasOutgrown<T>({ handlers, size }: RoundParts<T>): boolean {
  return (handlers.held?.() ?? 0) > 2 * size.listed + spareObjects;
}

function handOver<T>(event: Exclude<WatchEvent<T>, { kind: "failed" }>, handlers: WatchHandlers<T>): void {
  switch (event.kind) {
    case "upserted":
      handlers.upserted(event.object);
      return;
    case "deleted":
      handlers.deleted(event.object);
      return;
    case "bookmark":
  }
}

/** A lost connection says nothing about what was seen before; after anything else only a list is sure. */
function afterFailure(failure: Failure, from: string): string | undefined {
  switch (failure.kind) {
    case "unreachable":
    case "throttled":
    case "unauthorized":
      return from;
    default:
      return undefined;
  }
}

/** Half of it is chance, so that those who lost the server together do not come back together. */
/** No sooner than the answer asks for, within what a watch may be silent for. */
function backOffMs(
  failures: number,
  { failure, random }: { readonly failure: Failure | undefined; readonly random: Random },
): number {
  const baseMs = Math.min(longestBackOffMs, firstBackOffMs * 2 ** Math.min(failures - 1, 10));
  const askedMs = failure && "retryAfterMs" in failure ? (failure.retryAfterMs ?? 0) : 0;
  return Math.min(longestBackOffMs, Math.max(baseMs, askedMs) * (1 + random.next() * 0.5));
}

interface TroubleTeller {
  tell(failures: number, options: { readonly failure: Failure; readonly retryInMs: number }): void;
  over(): void;
}

/**
 * A single broken connection is everyday life; the second failure in a row is worth a warning, further ones are not.
 */
function troubleTeller(kind: Kind, log: Log): TroubleTeller {
  let warned = false;
  return {
    tell: (failures, { failure, retryInMs }) => {
      const level = failures === 2 ? "warning" : "debug";
      const seconds = Math.ceil(retryInMs / 1000);
      log.write(level, `Watching ${kind} failed, trying again in ${seconds} s: ${describeFailure(failure)}`);
      warned ||= level === "warning";
    },
    over: () => {
      if (warned) log.write("info", `Watching ${kind} works again`);
      warned = false;
    },
  };
}
