import { TransportError } from "../../../src/ports/transport.ts";
import type { HttpResponse } from "../../../src/ports/transport.ts";
import type { Life } from "../processes/life.ts";
import type { Timeline } from "../time/timeline.ts";
import type { Network } from "./weather.ts";

/** How a body gets from the server to a process. */
export interface CarriedOptions {
  readonly timeline: Timeline;
  readonly network: Network;
  readonly life: Life;
  readonly machine: string;
  readonly line: AbortController;
  readonly isWatch: boolean;
  /** Breaks off in the middle. */
  readonly torn: boolean;
}

/** Made once: an error with its stack is dear, and every answer ends so. */
const givenUp = new TransportError("The answer was given up");

/** What has arrived of a body, and how it ended. */
interface Mailbox {
  readonly chunks: Uint8Array[];
  end: "open" | "closed" | "cut";
  wake: () => void;
}

/**
 * The same body, as it arrives: the answer to a request in one piece with its head, the events of a watch each after
 * its own way and in order. Nothing arrives on a watch while its machine is cut off.
 */
export function carried(body: HttpResponse["body"], options: CarriedOptions): HttpResponse["body"] {
  const box: Mailbox = { chunks: [], end: "open", wake: () => undefined };
  pump(body, { ...options, box }).catch(() => undefined);
  const { line, life } = options;
  const leave = (): void => life.deliver(() => box.wake());
  line.signal.addEventListener("abort", leave, { once: true });
  return read(box, line);
}

async function pump(
  body: HttpResponse["body"],
  { box, timeline, network, life, machine, isWatch, torn }: CarriedOptions & { readonly box: Mailbox },
): Promise<void> {
  let lastAtMs = timeline.nowMs;
  const arrive = (what: () => void): void => {
    const wayMs = isWatch ? network.wayMs() + network.cutOffForMs(machine) : 0;
    lastAtMs = Math.max(lastAtMs, timeline.nowMs + wayMs);
    const seen = (): void => {
      what();
      box.wake();
    };
    if (isWatch) timeline.after(lastAtMs - timeline.nowMs, () => life.deliver(seen));
    else seen();
  };
  try {
    for await (const chunk of body) {
      const part = torn ? chunk.subarray(0, Math.floor(chunk.length / 2)) : chunk;
      arrive(() => box.chunks.push(part));
      if (torn) break;
    }
    arrive(() => (box.end = torn ? "cut" : "closed"));
  } catch {
    arrive(() => (box.end = "cut"));
  }
}

async function* read(box: Mailbox, line: AbortController): HttpResponse["body"] {
  try {
    for (;;) {
      const [chunk] = box.chunks.splice(0, 1);
      if (line.signal.aborted) throw line.signal.reason;
      if (chunk !== undefined) yield chunk;
      else if (box.end === "closed") return;
      else if (box.end === "cut") throw new TransportError("The connection was cut in the middle of the body");
      else await new Promise<void>((resolve) => (box.wake = resolve));
    }
  } finally {
    // Who leaves a body unread closes its connection.
    line.abort(givenUp);
  }
}
