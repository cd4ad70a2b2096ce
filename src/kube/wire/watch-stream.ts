import { DeadlineExceeded } from "../../ports/clock.ts";
import type { Clock } from "../../ports/clock.ts";
import type { HttpRequest, HttpResponse, Transport } from "../../ports/transport.ts";
import { decoded, malformed, readAnswer, unreachable } from "./read-answer.ts";
import { readStatus } from "./status.ts";
import type { Answer, Failure } from "../answers.ts";
import { MalformedError, readString } from "../object.ts";
import type { Decode } from "../object.ts";
import { excerptOf, isJsonObject, parseJson } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { linesOf, LineTooLongError, textOfBody } from "./lines.ts";
import { linkedSignal } from "./linked-signal.ts";
import type { LinkedSignal } from "./linked-signal.ts";

/** One thing seen on a watch. */
export type WatchEvent<T> =
  /** There is an object of this content now, new or changed. */
  | { readonly kind: "upserted"; readonly object: T; readonly resourceVersion: string }
  /** It is no more; this is its last state. */
  | { readonly kind: "deleted"; readonly object: T; readonly resourceVersion: string }
  /** Nothing changed up to this version. */
  | { readonly kind: "bookmark"; readonly resourceVersion: string }
  /** The watch is over and not as it should be; always the last. A clean end is the end of the iteration. */
  | { readonly kind: "failed"; readonly failure: Failure };

/** What one watch needs. */
export interface WatchStream {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Until the status is there; the watch itself has no end. */
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  /** One event may be this long. */
  readonly maxLineBytes: number;
  /** After this long without a byte the connection counts as half-open. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

/**
 * Opens one watch. Resolves when the API server has accepted or refused it; the events must be iterated (leaving
 * the loop closes the connection). Both reject only with `signal.reason`.
 */
export async function openWatch<T>(
  request: HttpRequest,
  decode: Decode<T>,
  options: WatchStream,
): Promise<Answer<AsyncIterable<WatchEvent<T>>>> {
  const { transport, clock, timeoutMs, maxBodyBytes, signal } = options;
  signal.throwIfAborted();
  const attempt = linkedSignal(signal);
  const deadline = clock.deadline(timeoutMs, { signal: attempt.signal });
  const giveUp = (): void => attempt.abort(new DeadlineExceeded(timeoutMs));
  deadline.signal.addEventListener("abort", giveUp, { once: true });
  let accepted = false;
  try {
    const response = await transport(request, { signal: attempt.signal });
    if (response.status === 200) {
      accepted = true;
      return { kind: "ok", value: readEvents(response, { decode, attempt, options }) };
    }
    const text = await textOfBody(response.body, { maxBytes: maxBodyBytes });
    return readAnswer<never>({ ...response, text }, refuseWatch);
  } catch (error) {
    signal.throwIfAborted();
    return unreachable(error);
  } finally {
    deadline.signal.removeEventListener("abort", giveUp);
    deadline.clear();
    if (!accepted) attempt.finish();
  }
}

interface Reading<T> {
  readonly decode: Decode<T>;
  readonly attempt: LinkedSignal;
  readonly options: WatchStream;
}

async function* readEvents<T>(
  response: HttpResponse,
  reading: Reading<T>,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  const { decode, attempt, options } = reading;
  const watchdog = startWatchdog(attempt, options);
  try {
    for await (const line of linesOf(watchdog.heard(response.body), { maxBytes: options.maxLineBytes })) {
      const event = readEvent(line, decode);
      yield event;
      if (event.kind === "failed") return;
    }
  } catch (error) {
    options.signal.throwIfAborted();
    yield { kind: "failed", failure: error instanceof LineTooLongError ? malformed(error, null) : unreachable(error) };
  } finally {
    attempt.finish();
  }
}

function readEvent<T>(line: string, decode: Decode<T>): WatchEvent<T> {
  const json = parseJson(line);
  if (json === undefined) {
    const failure: Failure = {
      kind: "malformed",
      message: "an event of a watch is not JSON",
      excerpt: excerptOf(line),
    };
    return { kind: "failed", failure };
  }
  if (!isJsonObject(json))
    return { kind: "failed", failure: malformed(new MalformedError("", "an event", json), json) };
  const event = decoded(json, () => readTypedEvent(json, decode));
  return event.kind === "ok" ? event.value : { kind: "failed", failure: event };
}

function readTypedEvent<T>(json: JsonObject, decode: Decode<T>): WatchEvent<T> {
  const type = json["type"];
  const object = json["object"];
  if (!isJsonObject(object)) throw new MalformedError("object", "an object", object);
  if (type === "ERROR") return { kind: "failed", failure: readStatus(object) };
  const resourceVersion = readString(object, "metadata.resourceVersion");
  switch (type) {
    case "ADDED":
    case "MODIFIED":
      return { kind: "upserted", object: decode(object), resourceVersion };
    case "DELETED":
      return { kind: "deleted", object: decode(object), resourceVersion };
    case "BOOKMARK":
      return { kind: "bookmark", resourceVersion };
    default:
      throw new MalformedError("type", "ADDED, MODIFIED, DELETED, BOOKMARK or ERROR", type);
  }
}

interface Watchdog {
  /** The same bytes; each shows that the other end is alive. */
  heard(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined>;
}

/** Gives the attempt up after `idleMs` of silence. One sleep per `idleMs`, however many events come. */
function startWatchdog(attempt: LinkedSignal, { clock, idleMs }: WatchStream): Watchdog {
  let heardAtMs = clock.now().monotonicMs;
  const watch = async (): Promise<void> => {
    for (;;) {
      const silentMs = clock.now().monotonicMs - heardAtMs;
      if (silentMs >= idleMs) {
        attempt.abort(new Error(`the watch was silent for ${Math.round(silentMs / 1000)} s`));
        return;
      }
      await clock.sleep(idleMs - silentMs, { signal: attempt.signal });
    }
  };
  // It ends with the attempt; there is nothing else that can go wrong in it.
  watch().catch(() => undefined);
  return {
    async *heard(body) {
      for await (const chunk of body) {
        heardAtMs = clock.now().monotonicMs;
        yield chunk;
      }
    },
  };
}

/** A watch is accepted with 200 alone; any other success is not a watch. */
const refuseWatch: Decode<never> = (json) => {
  throw new MalformedError("", "a stream of events", json);
};
