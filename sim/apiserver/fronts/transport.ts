import type { Clock } from "../../../src/ports/clock.ts";
import { TransportError } from "../../../src/ports/transport.ts";
import type { HttpResponse, Transport } from "../../../src/ports/transport.ts";
import type { User } from "../access.ts";
import type { Answer } from "../answers.ts";
import type { ApiServer } from "../server.ts";
import type { Watch } from "../verbs/watch.ts";
import type { Fault, Faults } from "./fault.ts";
import { streamWatch } from "./watch-stream.ts";

/** Who speaks through this front, and with what faults. */
export interface TransportFrontOptions {
  /** Who every request comes from. */
  readonly user: User;
  /** Ends watches when their time is over; without one they last until they are cut. */
  readonly clock?: Clock;
  /** Sent where a request names none, as the real transport does. */
  readonly userAgent?: string;
  /** Without it nothing is late, lost or cut, except by `cutWatches`. */
  readonly faults?: Faults;
}

/** The server as a Transport, without sockets: the answer is there in the next microtask. */
export function transportFront(server: ApiServer, options: TransportFrontOptions): Transport {
  const { user, clock, userAgent, faults } = options;
  return async (request, { signal }) => {
    signal.throwIfAborted();
    const fault = faults?.(request);
    if (fault?.kind === "unreachable") throw new TransportError("The connection was refused");
    if (fault?.kind === "silent") return aborted(signal);
    if (fault?.kind === "answered") return { ...fault, body: wholeBody(fault.body, { signal, fault: undefined }) };
    const headers = userAgent === undefined ? request.headers : { "user-agent": userAgent, ...request.headers };
    const answer = server.handle({ ...request, headers }, { user });
    if (fault?.kind === "answerLost") throw new TransportError("The connection was reset before the answer came");
    return { status: answer.status, headers: answer.headers, body: bodyOf(answer, { signal, clock, fault }) };
  };
}

interface BodyOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock | undefined;
  readonly fault: Fault | undefined;
}

function bodyOf(answer: Answer, options: BodyOptions): HttpResponse["body"] {
  return answer.kind === "watch" ? watchBody(answer.watch, options) : wholeBody(answer.body, options);
}

async function* wholeBody(
  text: string,
  { signal, fault }: Pick<BodyOptions, "signal" | "fault">,
): HttpResponse["body"] {
  signal.throwIfAborted();
  const bytes = new TextEncoder().encode(text);
  if (fault?.kind !== "bodyCut") {
    yield bytes;
    return;
  }
  if (fault.afterBytes > 0) yield bytes.subarray(0, fault.afterBytes);
  signal.throwIfAborted();
  throw cutInBody();
}

/** Opens the watch at once, so that nothing between the answer and the first read is missed. */
function watchBody(watch: Watch, { signal, clock, fault }: BodyOptions): HttpResponse["body"] {
  const lines: string[] = [];
  let ended: "closed" | "cut" | undefined;
  let wake = (): void => undefined;
  const forget = streamWatch(watch, {
    clock,
    cutAfterBytes: fault?.kind === "bodyCut" ? fault.afterBytes : undefined,
    sink: {
      write: (text) => {
        lines.push(text);
        wake();
      },
      end: (how) => {
        ended = how;
        wake();
      },
    },
  });
  signal.addEventListener("abort", leave, { once: true });
  return read();

  function leave(): void {
    signal.removeEventListener("abort", leave);
    forget();
    wake();
  }

  async function* read(): HttpResponse["body"] {
    try {
      for (;;) {
        signal.throwIfAborted();
        if (lines.length > 0) yield new TextEncoder().encode(lines.splice(0).join(""));
        else if (ended === "closed") return;
        else if (ended === "cut") throw cutInBody();
        else await changed();
      }
    } finally {
      leave();
    }
  }

  function changed(): Promise<void> {
    return new Promise((resolve) => {
      wake = resolve;
    });
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function cutInBody(): TransportError {
  return new TransportError("The connection was cut in the middle of the body");
}
