/** Lets so many pieces of work run at once; the others wait for their turn, first come first served. */
export interface Turns {
  /** Runs the work when it is its turn, and answers or rejects as it does. */
  take<T>(work: () => Promise<T>): Promise<T>;
}

/** Everybody's turn at first. */
export function createTurns(atOnceMax: number): Turns {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    take: async (work) => {
      if (running >= atOnceMax) await new Promise<void>((resolve) => waiting.push(resolve));
      else running += 1;
      try {
        return await work();
      } finally {
        // The place is handed on, so that nobody who comes meanwhile slips in between.
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
    },
  };
}
