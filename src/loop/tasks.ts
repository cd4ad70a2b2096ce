/** Work in the background that is not to be forgotten: whoever ends a loop waits for what it started. */
export interface Tasks {
  /** Starts it; a rejection after the signal has aborted is its end, any other one is handed to `failed`. */
  start(work: () => Promise<void>): void;
  /** Resolves when everything that was started has ended. */
  ended(): Promise<void>;
}

/** Tasks that are expected to end with `signal`. */
export function createTasks({
  signal,
  failed,
}: {
  readonly signal: AbortSignal;
  readonly failed: (error: unknown) => void;
}): Tasks {
  const running = new Set<Promise<void>>();
  return {
    start: (work) => {
      const task = work()
        .catch((error: unknown) => {
          if (!signal.aborted) failed(error);
        })
        .finally(() => running.delete(task));
      running.add(task);
    },
    ended: async () => {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
