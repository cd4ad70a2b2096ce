import type { Clock } from "../../../src/ports/clock.ts";
import { TransportError } from "../../../src/ports/transport.ts";
import type { HttpResponse, Transport } from "../../../src/ports/transport.ts";
import type { User } from "../access.ts";
import type { ApiServer } from "../server.ts";
import type { Watch } from "../verbs/watch.ts";

export interface TransportFrontOptions {
  /** Who every request comes from. */
  readonly user: User;
  /** Ends watches when their time is over; without one they last until they are cut. */
  readonly clock?: Clock;
  /** Sent where a request names none, as the real transport does. */
  readonly userAgent?: string;
}

/** The server as a Transport without a network in between: nothing is late, lost or cut, except by `cutWatches`. */
export function transportFront(server: ApiServer, options: TransportFrontOptions): Transport {
  const { user, clock, userAgent } = options;
  return async (request, { signal }) => {
    signal.throwIfAborted();
    const headers = userAgent === undefined ? request.headers : { "user-agent": userAgent, ...request.headers };
    const answer = server.handle({ ...request, headers }, { user });
    const head = { status: answer.status, headers: answer.headers };
    if (answer.kind === "watch") return { ...head, body: watchBody(answer.watch, { signal, clock }) };
    return { ...head, body: wholeBody(answer.body, signal) };
  };
}

async function* wholeBody(text: string, signal: AbortSignal): HttpResponse["body"] {
  signal.throwIfAborted();
  yield new TextEncoder().encode(text);
}

/** Opens the watch at once, so that nothing between the answer and the first read is missed. */
function watchBody(
  watch: Watch,
  { signal, clock }: { readonly signal: AbortSignal; readonly clock: Clock | undefined },
): HttpResponse["body"] {
  const lines: string[] = [];
  const over = new AbortController();
  let ended: "closed" | "cut" | undefined;
  let wake: (() => void) | undefined;
  const changed = (): void => wake?.();
  const leave = (): void => {
    watch.forget();
    over.abort();
    changed();
  };
  signal.addEventListener("abort", leave, { once: true });
  watch.open({
    line: (text) => {
      lines.push(text);
      changed();
    },
    end: (how) => {
      ended = how;
      over.abort();
      signal.removeEventListener("abort", leave);
      changed();
    },
  });
  // An ended watch has nothing left to time; the rejection says only that.
  clock?.sleep(watch.timeoutMs, { signal: over.signal }).then(
    () => watch.finish(),
    () => undefined,
  );
  return read();

  async function* read(): HttpResponse["body"] {
    try {
      for (;;) {
        signal.throwIfAborted();
        if (lines.length > 0) yield new TextEncoder().encode(lines.splice(0).join(""));
        else if (ended === "closed") return;
        else if (ended === "cut") throw new TransportError("The connection was cut in the middle of the body");
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener("abort", leave);
      leave();
    }
  }
}
