import { setTimeout as sleep } from "node:timers/promises";
import type { Dice } from "../../sim/world/time/dice.ts";
import type { Cluster } from "../controlplane/cluster.ts";
import { NOT_JSON, statusAnswer, type Fault } from "../controlplane/proxy/faults.ts";
import type { Fleet, Member } from "./fleet.ts";

/** Counts what was done, by name. */
export type Count = (what: string) => void;

export interface MischiefOptions {
  readonly dice: Dice;
  readonly count: Count;
  readonly signal: AbortSignal;
}

/**
 * Does harm to the daemons of a fleet and to their connections, one thing every second or two. Resolves when `signal`
 * is aborted and every daemon that was frozen goes on; faults that wait for their request are the proxies' to forget.
 */
export async function harmFleet({ members }: Fleet, { dice, count, signal }: MischiefOptions): Promise<void> {
  const thawing = new Set<Promise<void>>();
  while (!signal.aborted) {
    await sleep(dice.between(800, 2_500), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const member = dice.pick(members);
    const harm = dice.pick(harms);
    const done = harm.strike(member, { dice, signal });
    if (done === undefined) continue;
    count(harm.name);
    const over = done.finally(() => thawing.delete(over));
    thawing.add(over);
  }
  await Promise.all(thawing);
}

/** Kills the API server now and then, for some seconds; sometimes it comes back without its history. */
export async function harmApiServer(
  cluster: Cluster,
  { dice, count, signal, everyMs }: MischiefOptions & { readonly everyMs: number },
): Promise<void> {
  while (!signal.aborted) {
    await sleep(everyMs * (0.7 + 0.6 * dice.next()), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    count("API server killed and started again");
    await cluster.killApiServer();
    await sleep(dice.between(1_000, 5_000));
    if (dice.chance(0.5)) await cluster.compactHistory();
    await cluster.startApiServer();
    await cluster.restartControllers();
  }
}

interface Harm {
  readonly name: string;
  /** Resolves when it is over; `undefined` where it cannot be done to this one now. */
  readonly strike: (
    member: Member,
    options: { readonly dice: Dice; readonly signal: AbortSignal },
  ) => Promise<void> | undefined;
}

const odd: readonly Fault[] = [
  { kind: "answer", answer: statusAnswer(429, "TooManyRequests", { retryAfterSeconds: 1 }) },
  { kind: "answer", answer: statusAnswer(500, "InternalError") },
  { kind: "answer", answer: NOT_JSON },
];

const harms: readonly Harm[] = [
  {
    name: "daemon killed (kill -9)",
    strike: ({ daemon, steady }) => {
      if (steady) return undefined;
      return send(daemon, "SIGKILL") ? Promise.resolve() : undefined;
    },
  },
  {
    name: "daemon frozen (SIGSTOP) and thawed",
    strike: ({ daemon }, { dice, signal }) => {
      if (!send(daemon, "SIGSTOP")) return undefined;
      return sleep(dice.between(200, 7_000), undefined, { signal })
        .catch(() => undefined)
        .then(() => void send(daemon, "SIGCONT"));
    },
  },
  ofProxy("answers cut in mid-body", () => ({ kind: "cut" }), { most: 4 }),
  ofProxy("watches cut in mid-body", (dice) => ({ kind: "cut", afterBytes: dice.between(0, 3_000) }), {
    most: 2,
    watches: true,
  }),
  ofProxy("requests lost", () => ({ kind: "drop" }), { most: 4 }),
  ofProxy("requests late", (dice) => ({ kind: "delay", delayMs: dice.between(100, 4_000) }), { most: 3 }),
  // Each is waited for half a minute; with many of them there would be nothing but waiting.
  ofProxy("requests never answered", () => ({ kind: "silent" }), { most: 1, seldom: true }),
  ofProxy("odd answers", (dice) => dice.pick(odd), { most: 4 }),
  {
    name: "watches ended",
    strike: ({ proxy }, { dice }) => Promise.resolve(proxy.closeWatches(dice.chance(0.5) ? "broken" : "cleanly")),
  },
  {
    name: "daemon cut off from the API server",
    strike: ({ proxy }, { dice, signal }) => {
      proxy.setReachable(false);
      return sleep(dice.between(500, 6_000), undefined, { signal })
        .catch(() => undefined)
        .then(() => proxy.setReachable(true));
    },
  },
];

/** A fault that strikes the next few requests of a daemon; what is left of the one before is forgotten. */
function ofProxy(
  name: string,
  draw: (dice: Dice) => Fault,
  {
    most,
    watches = false,
    seldom = false,
  }: { readonly most: number; readonly watches?: boolean; readonly seldom?: boolean },
): Harm {
  return {
    name,
    strike: ({ proxy }, { dice }) => {
      if (seldom && !dice.chance(0.3)) return undefined;
      const matches = ({ isWatch }: { readonly isWatch: boolean }): boolean => isWatch === watches;
      // A daemon that waits asks little: faults would pile up until it met nothing else.
      proxy.heal();
      return Promise.resolve(proxy.plan({ matches, fault: draw(dice), times: dice.between(1, most) }));
    },
  };
}

/** Whether there was a process to get it: the daemon may be down, with its machine or by our own hand. */
function send(daemon: Member["daemon"], signal: NodeJS.Signals): boolean {
  if (daemon.pid() === undefined) return false;
  try {
    daemon.kill(signal);
    return true;
  } catch {
    return false;
  }
}
