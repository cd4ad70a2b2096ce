import type { Clock } from "../../ports/clock.ts";
import type { HttpRequest, Transport } from "../../ports/transport.ts";
import { readAnswer, unreachable } from "./read-answer.ts";
import type { Answer } from "../answers.ts";
import type { Decode } from "../object.ts";
import { textOfBody } from "./lines.ts";
import { linkedSignal } from "./linked-signal.ts";

/** What a request and its whole answer need. */
export interface Exchange {
  readonly transport: Transport;
  readonly clock: Clock;
  /** For all of it, connection and body included. */
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  readonly signal: AbortSignal;
}

/** Sends one request and reads its answer to the end. Rejects only with `signal.reason`. */
export async function exchange<T>(request: HttpRequest, decode: Decode<T>, options: Exchange): Promise<Answer<T>> {
  const { transport, clock, timeoutMs, maxBodyBytes, signal } = options;
  signal.throwIfAborted();
  const deadline = clock.deadline(timeoutMs, { signal });
  const attempt = linkedSignal(deadline.signal);
  try {
    const { status, headers, body } = await transport(request, { signal: attempt.signal });
    const text = await textOfBody(body, { maxBytes: maxBodyBytes });
    return readAnswer({ status, headers, text }, decode);
  } catch (error) {
    // Whoever ended the work gets their own reason back; our deadline and everything else is no answer.
    signal.throwIfAborted();
    return unreachable(error);
  } finally {
    attempt.finish();
    deadline.clear();
  }
}
