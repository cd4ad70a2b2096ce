/** One HTTP request to us and its answer; the adapter owns sockets, limits and timeouts. */
export type InboundHandler = (request: InboundRequest) => Promise<InboundResponse>;

export interface InboundRequest {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface InboundResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Serves until `signal` aborts; rejects when the address cannot be had. An empty host is every interface. */
export interface Inbound {
  serve(
    handler: InboundHandler,
    options: { readonly host: string; readonly port: number; readonly signal: AbortSignal },
  ): Promise<void>;
}
