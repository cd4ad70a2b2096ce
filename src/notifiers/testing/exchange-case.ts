import type { Reply } from "./receiver.ts";

/** One row of the conformance suite: what a URL makes of a message. */
export interface ExchangeCase {
  /** A sentence. */
  readonly says: string;
  readonly url: string;
  /** `Draining node node-1` where nothing else is given. */
  readonly message?: string;
  /** What the service answers; 200 without a body where nothing else is given. */
  readonly replies?: readonly Reply[];
  readonly sends: readonly ExpectedRequest[];
  /** What of the URL has no effect, as the log says it; nothing where absent. */
  readonly warns?: readonly string[];
  /** What the notifier says to these replies; absent where it is content. */
  readonly fails?: RegExp;
  /** Whether the failure is for ever; not looked at where absent. */
  readonly final?: boolean;
}

/** A request that must arrive exactly so. */
export interface ExpectedRequest {
  /** POST where nothing else is given. */
  readonly method?: string;
  readonly url: string;
  /** Those that matter, in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is, anything else as the JSON that Go would write. */
  readonly body?: string | object;
}

/** One URL that is refused before anything is sent. */
export interface RefusedCase {
  readonly url: string;
  readonly refused: RegExp;
}
