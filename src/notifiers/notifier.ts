/** Somebody who can be told something: one target of `--notify-url`, already understood. */
export interface Notifier {
  /** Names the target for people and logs, without any secret: `slack`, `smtp mail.example.com`. */
  readonly name: string;
  /**
   * Sends one message once. Resolves when the service has accepted it. Rejects with a `NotifyError` when it has not,
   * and with `signal.reason` when the signal aborts; the caller sets the deadline and tries again.
   */
  send(message: string, sending: Sending): Promise<void>;
  /** What in its URL has no effect, in words for the log; absent where all of it has one. */
  readonly warnings?: readonly string[];
}

/** One try of one message. */
export interface Sending {
  readonly signal: AbortSignal;
  /**
   * The recipients that already have this message; a notifier with several of them passes these over and adds each
   * one that takes it. Whoever tries again gives the same set; absent where nobody will.
   */
  readonly delivered?: Set<string>;
}

/** A message that was not accepted. Its message is for the log and holds no secret. */
export class NotifyError extends Error {
  override readonly name = "NotifyError";
  /** How long the service asked to wait before the next try; absent where it said nothing. */
  readonly retryAfterMs?: number;
  /** Whether the same message can never be accepted, so that a second try is pointless. */
  readonly final: boolean;
  constructor(
    message: string,
    { final = false, retryAfterMs }: { readonly final?: boolean; readonly retryAfterMs?: number } = {},
  ) {
    super(message);
    this.final = final;
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}
