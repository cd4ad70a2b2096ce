import { decide } from "../core/decide.ts";
import type { Policy } from "../core/policy/policy.ts";
import type { Clock } from "../ports/clock.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Eyes } from "./eyes.ts";
import type { Hands } from "./hands.ts";
import type { Teller } from "./teller.ts";
import type { World } from "./world/world.ts";

/** What one coordinator is made of; `compose/` puts it together. */
export interface CoordinatorParts {
  readonly world: World;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly hands: Hands;
  readonly eyes: Eyes;
  readonly teller: Teller;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
}

/**
 * Decides for as long as `signal` lets it. No decision waits for an act, so that one slow answer cannot hold up a
 * fleet. Rejects with `signal.reason`; every other failure is an outcome in the view.
 */
export async function coordinate({
  world,
  policy,
  clock,
  hands,
  eyes,
  teller,
  metrics,
  signal,
}: CoordinatorParts): Promise<never> {
  for (;;) {
    signal.throwIfAborted();
    const version = world.version();
    const view = world.view();
    const now = clock.now();
    const { verdicts, actions, questions, wakeAtMs } = decide(view, policy, now);
    metrics.add("kured_decide_seconds", { labels: {}, value: (clock.now().monotonicMs - now.monotonicMs) / 1000 });
    // Who does not lead any more has nothing to say; the next leader will.
    const tellAtMs = world.leads() ? teller.tell(verdicts, { view, now }) : Infinity;
    // Each is in the view as under way before start() returns: the next decision cannot repeat it.
    for (const action of actions) hands.start(action);
    const lookAtMs = eyes.look(questions);
    const endedAtMs = clock.now().monotonicMs;
    const restUntilMs = endedAtMs + restAfter(endedAtMs - now.monotonicMs);
    await world.changedSince(version, { untilMs: Math.min(wakeAtMs, lookAtMs, tellAtMs), signal });
    // In a fleet of thousands, or while hundreds of pods go, something changes all the time: what comes meanwhile is
    // decided on together. What comes later than that is decided on at once.
    const restMs = restUntilMs - clock.now().monotonicMs;
    if (restMs >= shortMs) await clock.sleep(restMs, { signal });
  }
}

/** Half of the time is for deciding at the most, and in a large fleet a third. */
function restAfter(tookMs: number): number {
  return Math.min(tookMs < largeMs ? tookMs : 2 * tookMs, longestRestMs);
}

const largeMs = 10;
/** So short a rest is not worth a timer. */
const shortMs = 0.5;
/** Nobody waits longer for a decision because of the others. */
const longestRestMs = 100;
