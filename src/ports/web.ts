/**
 * One HTTP exchange with a server outside the cluster: a notification service, Prometheus. Resolves with the whole
 * answer, whatever its status; the body is cut at a size that the adapter sets. Rejects with `signal.reason` when the
 * signal aborts, and with a `WebError` when no answer could be had.
 */
export type Web = (request: WebRequest, options: { readonly signal: AbortSignal }) => Promise<WebAnswer>;

/** One request. The adapter adds nothing but what HTTP itself needs. */
export interface WebRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `https://user:password@host:8443/path?query`, percent-encoded; credentials become Basic authentication. */
  readonly url: string;
  /** As they are sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Does not ask whether the server's certificate is good; only what the user's own URL says. */
  readonly skipTlsVerify?: boolean;
}

/** What came back. */
export interface WebAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** No answer. The message names the host at most, never path, query or credentials: those hold secrets. */
export class WebError extends Error {
  override readonly name = "WebError";
}
