import type { HttpRequest } from "../../../src/ports/transport.ts";

/** What goes wrong between client and server with one request. */
export type Fault =
  /** The connection fails before the server hears anything. */
  | { readonly kind: "unreachable" }
  /** The server acts, and its answer never arrives. */
  | { readonly kind: "answerLost" }
  /** The server acts, and the answer's body breaks off after so many bytes; of a watch, its stream. */
  | { readonly kind: "bodyCut"; readonly afterBytes: number }
  /** Neither side hears anything until the client gives up. */
  | { readonly kind: "silent" }
  /** Something in between answers, and the server hears nothing: a proxy's 502, or priority and fairness' 429. */
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    };

/** Chooses the fault of each request; asked once, before anything happens. */
export type Faults = (request: HttpRequest) => Fault | undefined;
