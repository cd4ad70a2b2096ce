import type { Settings } from "../config/settings.ts";
import { coordinate } from "../coordinator/coordinate.ts";
import { createHands } from "../coordinator/hands.ts";
import { createPublisher } from "../coordinator/publisher.ts";
import { createStory } from "../coordinator/story.ts";
import { createTeller } from "../coordinator/teller.ts";
import { createWatching } from "../coordinator/watching.ts";
import { createWorld, type World } from "../coordinator/world.ts";
import { kubeClient, type KubeClient } from "../kube/client.ts";
import { runElection } from "../kube/leases.ts";
import type { Leadership } from "../kube/election/candidacy.ts";
import { linkedSignal, type LinkedSignal } from "../kube/wire/linked-signal.ts";
import { createTasks } from "../loop/tasks.ts";
import { mayTellEvents } from "./events.ts";
import { policyFor, watchedFreshness } from "./policy.ts";
import type { Ports } from "./ports.ts";
import { serveEndpoints } from "./serve.ts";

/**
 * The coordinator: stands for election, and while it leads it watches, decides, acts and tells. Each term begins with
 * a world of its own, read anew. Ends when `signal` aborts, after giving the Lease back; rejects on what is fatal.
 */
export async function composeCoordinator(
  settings: Settings,
  { ports, signal }: { readonly ports: Ports; readonly signal: AbortSignal },
): Promise<void> {
  const { clock, log } = ports;
  const client = kubeClient({ transport: ports.transport, clock, requestTimeoutMs });
  const end = linkedSignal(signal);
  let fatal: unknown;
  const failed = (error: unknown) => {
    fatal ??= error;
    end.abort(error instanceof Error ? error : new Error(String(error)));
  };
  const tasks = createTasks({ signal: end.signal, failed });
  let term: Term | undefined;
  const health = serveEndpoints({ ports, settings, signal: end.signal, tasks });
  const tellsEvents = await mayTellEvents(client, { signal: end.signal, log });

  const onChange = (leadership: Leadership) => {
    if (leadership.kind === "following") {
      term?.stop();
      term = undefined;
      return;
    }
    if (term?.number !== leadership.term) {
      term?.stop();
      term = startTerm(settings, { ports, client, leadership, tellsEvents, tasks, signal: end.signal, failed });
    }
    term.world.setLeadership({ kind: "leading", term: leadership.term, untilMs: leadership.heldUntilMonotonicMs });
  };
  tasks.start(() =>
    runElection({
      client,
      clock,
      random: ports.random,
      log,
      identity: settings.pod.name,
      namespace: settings.lock.daemonSetNamespace,
      name: settings.lease.name,
      leaseDurationMs: settings.lease.durationMs,
      renewDeadlineMs: Math.round((settings.lease.durationMs * 2) / 3),
      retryPeriodMs: Math.round(settings.lease.durationMs / 7.5),
      onChange,
      signal: end.signal,
    }),
  );
  health.ready();
  await tasks.ended();
  end.finish();
  if (fatal !== undefined && !signal.aborted) throw fatal;
}

const requestTimeoutMs = 30_000;

/** One term of leadership. */
interface Term {
  readonly number: number;
  readonly world: World;
  readonly stop: () => void;
}

interface TermParts {
  readonly ports: Ports;
  readonly client: KubeClient;
  readonly leadership: Extract<Leadership, { kind: "leading" }>;
  readonly tellsEvents: boolean;
  readonly tasks: ReturnType<typeof createTasks>;
  readonly signal: AbortSignal;
  readonly failed: (error: unknown) => void;
}

function startTerm(
  settings: Settings,
  { ports, client, leadership, tellsEvents, tasks, signal, failed }: TermParts,
): Term {
  const { clock, random, log, metrics } = ports;
  const link: LinkedSignal = linkedSignal(signal);
  const policy = policyFor(settings, { agentProof: "pod", freshness: watchedFreshness });
  const owner = policy.owner;
  const lockAnnotation = settings.lock.annotation;
  const own = createTasks({ signal: link.signal, failed });
  const world = createWorld({
    clock,
    random,
    lockAnnotation,
    leadership: { kind: "leading", term: leadership.term, untilMs: leadership.heldUntilMonotonicMs },
  });
  const shared = { client, world, clock, random, log, metrics, tasks: own, signal: link.signal };
  const publisher = createPublisher({ ...shared, instance: settings.pod.name, tellsEvents });
  const teller = createTeller({ log, metrics, publisher });
  const hands = createHands({ ...shared, policy, story: createStory(log), lockAnnotation });
  const eyes = createWatching({ ...shared, owner });
  own.start(() => coordinate({ world, policy, clock, hands, eyes, teller, signal: link.signal }));
  // The election is not given back before everything that was done in its name has ended.
  tasks.start(() => own.ended());
  return {
    number: leadership.term,
    world,
    stop: () => link.abort(new Error("this coordinator does not lead any more")),
  };
}
