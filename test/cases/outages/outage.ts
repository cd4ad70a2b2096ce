import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../../controlplane/cluster.ts";

/** One outage of the API server that several cases share: it begins when each of them is where it wants to be. */
export interface SharedOutage {
  /** Resolves when the API server has been killed. Every case of the suite must call it, or `without`. */
  begun(): Promise<void>;
  /** Resolves when it is ready again, on the same data. */
  over(): Promise<void>;
  /** A case that failed before it was ready, so that the others do not wait for it. */
  without(): void;
}

export interface OutageOptions {
  readonly cluster: Cluster;
  /** How many cases share it. */
  readonly cases: number;
  readonly lastsMs: number;
  readonly signal: AbortSignal;
}

export function createOutage({ cluster, cases, lastsMs, signal }: OutageOptions): SharedOutage {
  let missing = cases;
  const begin = Promise.withResolvers<void>();
  const killed = begin.promise.then(() => cluster.killApiServer());
  const restarted = killed.then(async () => {
    await sleep(lastsMs, undefined, { signal });
    // What happened before is forgotten: watches that go on from there are told that it is too old.
    await cluster.compactHistory();
    await cluster.startApiServer();
    await cluster.restartControllers();
  });
  // Each case hears of it by itself.
  restarted.catch(() => undefined);
  const arrive = () => {
    missing -= 1;
    if (missing === 0) begin.resolve();
  };
  return {
    begun: () => {
      arrive();
      return killed;
    },
    over: () => restarted,
    without: arrive,
  };
}
