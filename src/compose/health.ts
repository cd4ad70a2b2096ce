import type { Settings } from "../config/settings.ts";
import { watchIdleMs } from "../kube/watch.ts";
import type { Contacts } from "../loop/contacts.ts";
import type { Clock } from "../ports/clock.ts";
import type { Check } from "../telemetry/endpoints.ts";

/** What the endpoints say about us; faults are sentences. */
export interface Health {
  /** We have read what we need and are at work. */
  ready(): void;
  /**
   * What we decide from must not be too old. The answer takes it out again, when nothing is decided from it any more.
   */
  decidesFrom(contacts: Contacts): () => void;
  /** A loop must come round (bug B25); `lastRoundAtMs` is monotonic. The answer takes it out again. */
  comesRound(loop: string, lastRoundAtMs: () => number): () => void;
}

/** Health as it is collected, and as it is shown. */
export interface HealthBook extends Health {
  readonly checks: { readonly health: readonly Check[]; readonly readiness: readonly Check[] };
  /** Age of the news of every watch, in milliseconds. */
  ages(): ReadonlyMap<string, number>;
}

/** Too old for `/readyz` comes long before too old for `/healthz`: a restart mends no API server. */
export function createHealth(settings: Settings, { now }: Pick<Clock, "now">): HealthBook {
  let starting = true;
  const contacts = new Set<Contacts>();
  const loops = new Map<string, () => number>();
  const patienceMs = patienceOf(settings);
  const tooOld = (limits: Parameters<Contacts["faults"]>[0]) => () =>
    sentenceOf([...contacts].flatMap((one) => one.faults(limits)));
  const stuck = () =>
    sentenceOf(
      Array.from(loops).flatMap(([loop, lastRoundAtMs]) => {
        const agoMs = now().monotonicMs - lastRoundAtMs();
        return agoMs > longestRoundMs ? [`the ${loop} has not come round for ${Math.round(agoMs / 1000)} s`] : [];
      }),
    );
  const loop: Check = { name: "loop", fault: stuck };
  return {
    ready: () => {
      starting = false;
    },
    decidesFrom: (one) => {
      contacts.add(one);
      return () => void contacts.delete(one);
    },
    comesRound: (name, lastRoundAtMs) => {
      loops.set(name, lastRoundAtMs);
      return () => void (loops.get(name) === lastRoundAtMs && loops.delete(name));
    },
    checks: {
      health: [loop, { name: "news", fault: tooOld({ patienceMs, silenceMs: 2 * watchIdleMs }) }],
      readiness: [
        { name: "start", fault: () => (starting ? "it is still starting" : undefined) },
        loop,
        { name: "news", fault: tooOld({ patienceMs: patienceMs / 3, silenceMs: watchIdleMs }) },
      ],
    },
    ages: () => new Map([...contacts].flatMap((one) => [...one.ages()])),
  };
}

/** A loop comes round each minute although nothing happens. */
const longestRoundMs = 3 * 60_000;

/**
 * How long what is wanted may stay away before we call ourselves unhealthy: some lives of the Lease, which somebody
 * else could take meanwhile; on a node three periods, which is how often its operator wants it looked at.
 */
function patienceOf({ command, lease, periodMs }: Settings): number {
  if (command === "coordinator") return 4 * lease.durationMs;
  return periodMs > 0 ? Math.min(Math.max(3 * periodMs, leastPatienceMs), mostPatienceMs) : mostPatienceMs;
}

const leastPatienceMs = 15_000;
const mostPatienceMs = 6 * 60_000;

function sentenceOf(faults: readonly string[]): string | undefined {
  return faults.length === 0 ? undefined : faults.join("; ");
}
