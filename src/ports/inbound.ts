/** One HTTP request to us and its answer; the adapter owns sockets, limits and timeouts. */
export type InboundHandler = (request: InboundRequest) => Promise<InboundResponse>;

/** What an answer may depend on; bodies are not read. */
export interface InboundRequest {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A whole answer; header names in lower case. */
export interface InboundResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Serves HTTP until `signal` aborts, then closes what is open; rejects when the address cannot be had. */
export interface Inbound {
  serve(handler: InboundHandler, options: InboundOptions): Promise<void>;
}

/** Where to listen, and for how long. */
export interface InboundOptions {
  /** Empty for every interface. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly signal: AbortSignal;
  /** Called once, with the port that was had, as soon as connections are accepted. */
  readonly listening?: (port: number) => void;
}
