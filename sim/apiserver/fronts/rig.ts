import type { Random } from "../../../src/ports/random.ts";
import { ApiServer } from "../server.ts";
import type { ApiServerOptions, LoggedRequest } from "../server.ts";
import type { User } from "../access.ts";
import { callerOf } from "./caller.ts";
import type { Caller } from "./caller.ts";
import { transportFront } from "./transport.ts";

/** A server whose time stands still until it is moved, and whose chance is counted: for tests. */
export interface Rig {
  readonly server: ApiServer;
  readonly call: Caller;
  /** Every answered request so far. */
  readonly log: readonly LoggedRequest[];
  /** Moves the wall clock. */
  advance(ms: number): void;
  /** A caller who is somebody else. */
  as(user: User): Caller;
}

/** Noon on the first day of 2026. */
export const rigStartMs = Date.UTC(2026, 0, 1, 12);

/** A rig at noon on the first day of 2026, where everything is allowed unless told. */
export function rig(options: Partial<ApiServerOptions> = {}): Rig {
  let nowMs = rigStartMs;
  const log: LoggedRequest[] = [];
  const server = new ApiServer({
    clock: () => nowMs,
    random: countedRandom(),
    onRequest: (entry) => log.push(entry),
    ...options,
  });
  const { signal } = new AbortController();
  const as = (user: User): Caller => callerOf(transportFront(server, { user, userAgent: "test/1" }), { signal });
  return {
    server,
    call: as({ name: "admin" }),
    log,
    as,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

/** Chance without chance: always the middle, and a new number for every name. */
export function countedRandom(): Random {
  let count = 0;
  return {
    next: () => 0.5,
    hex: (bytes) => {
      count += 1;
      return count.toString(16).padStart(bytes * 2, "0");
    },
  };
}
