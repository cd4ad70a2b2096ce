import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream";
import type { Readable, Transform } from "node:stream";
import { createGunzip, createInflate } from "node:zlib";
import { TransportError } from "../ports/transport.ts";

/** What we tell the server that `readBody` can undo. */
export const acceptedEncodings = "gzip, deflate";

/**
 * The decompressed body of an answer, as it arrives. Rejects with `signal.reason` once that has aborted, and with a
 * `TransportError` when the body breaks off before its end. Leaving the loop early gives the connection up.
 * `failure` is what the request has already found out about its connection.
 */
export function readBody(
  incoming: IncomingMessage,
  options: { readonly signal: AbortSignal; readonly failure: () => Error | undefined },
): AsyncIterable<Uint8Array> {
  // Nobody may be reading yet when the connection breaks, and an error without a listener ends the process.
  incoming.on("error", ignore);
  return chunksOf(incoming, options);
}

async function* chunksOf(
  incoming: IncomingMessage,
  { signal, failure }: { readonly signal: AbortSignal; readonly failure: () => Error | undefined },
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    signal.throwIfAborted();
    for await (const chunk of decompressed(incoming)) {
      signal.throwIfAborted();
      yield bytesOf(chunk);
    }
    if (!incoming.complete) throw new TransportError("the answer was cut off in the middle");
  } catch (error) {
    signal.throwIfAborted();
    throw failure() ?? asTransportError(error);
  } finally {
    if (!incoming.complete) incoming.destroy();
  }
}

function decompressed(incoming: IncomingMessage): Readable {
  const encoding = incoming.headers["content-encoding"] ?? "identity";
  switch (encoding) {
    case "identity":
      return incoming;
    case "gzip":
      return through(incoming, createGunzip());
    case "deflate":
      return through(incoming, createInflate());
    default:
      throw new TransportError(`the answer is encoded as ${encoding}, which was not asked for`);
  }
}

/** Whatever breaks on either side ends the other; the reader hears of it. */
function through(incoming: IncomingMessage, decoder: Transform): Readable {
  pipeline(incoming, decoder, ignore);
  return decoder;
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TransportError("the answer is not made of bytes");
}

function asTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new TransportError(`the answer was cut off in the middle: ${detail}`, { cause: error });
}

function ignore(): void {
  // The reader of the body is told.
}
