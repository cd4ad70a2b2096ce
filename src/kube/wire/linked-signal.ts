/** A signal of one's own that also aborts with another one; `finish` when the work is over, or the listener stays. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  abort(reason: Error): void;
  /** Gives up what is still unread, and unlinks from the other signal. */
  finish(): void;
}

/** What reads an answer needs this: to give the answer up by itself, without ending its caller's work. */
export function linkedSignal(outer: AbortSignal): LinkedSignal {
  const controller = new AbortController();
  const follow = (): void => controller.abort(outer.reason);
  if (outer.aborted) follow();
  else outer.addEventListener("abort", follow, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    finish: () => {
      outer.removeEventListener("abort", follow);
      controller.abort(givenUp);
    },
  };
}

/** Made once: nobody hears it, and an error with its stack is dear where every answer ends so. */
const givenUp = new Error("given up");
