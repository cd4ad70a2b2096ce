/**
 * One HTTP exchange with the API server. It sits below retries, watches and decoding, so that everything above it
 * runs unchanged against the in-memory API server. The adapter adds what belongs to the connection: address, TLS,
 * credentials, User-Agent, decompression.
 *
 * Resolves as soon as the status and headers are there. Rejects with `signal.reason` when the signal aborts, and
 * with a `TransportError` when no answer could be had; whether the server has acted is then unknown.
 * After the signal aborts, reading `body` rejects too, and the connection is given up.
 */
export type Transport = (request: HttpRequest, options: { readonly signal: AbortSignal }) => Promise<HttpResponse>;

/** One request, without what belongs to the connection. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query, already percent-encoded: `/api/v1/nodes?limit=500`. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The head of an answer, and its body as it comes. */
export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The decoded body, as it arrives. Must be read to its end or given up by aborting the signal. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** No answer, or one that broke off: refused, reset, TLS failure, cut in mid-body, silent too long. */
export class TransportError extends Error {
  override readonly name = "TransportError";
}
