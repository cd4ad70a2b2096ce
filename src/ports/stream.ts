/**
 * Opens a connection to a server outside the cluster that speaks no HTTP. Rejects with `signal.reason` when the signal
 * aborts, which also ends a connection that is open, and with a `StreamError` when there is none to be had.
 */
export type OpenStream = (address: StreamAddress, options: { readonly signal: AbortSignal }) => Promise<ByteStream>;

/** Where to, and whether by TLS. */
export interface StreamAddress {
  /** A name or an address, without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** `unverified` does not ask whether the server's certificate is good; only what the user's own URL says. */
  readonly tls: "none" | "verified" | "unverified";
}

/** An open connection. */
export interface ByteStream {
  /** Resolves when the bytes are on their way. Rejects as `read` does. */
  write(bytes: Uint8Array): Promise<void>;
  /** What came next; `undefined` when the other side has ended. Rejects with a `StreamError` or `signal.reason`. */
  read(): Promise<Uint8Array | undefined>;
  /** Ends the connection, and hangs up on whoever does not end it too. Must be called, also after a failure. */
  close(): void;
}

/** No connection, or none any more. The message names the host at most. */
export class StreamError extends Error {
  override readonly name = "StreamError";
}
