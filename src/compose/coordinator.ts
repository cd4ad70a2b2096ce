import type { Settings } from "../config/settings.ts";
import { coordinate } from "../coordinator/coordinate.ts";
import { drainPods } from "../coordinator/telling/drain-progress.ts";
import { createHands } from "../coordinator/hands.ts";
import { createPublisher } from "../coordinator/publisher.ts";
import { createStory } from "../coordinator/story.ts";
import { createWatching } from "../coordinator/watching.ts";
import { createWorld, type World } from "../coordinator/world/world.ts";
import { kubeClient, type KubeClient } from "../kube/client.ts";
import { runElection } from "../kube/leases.ts";
import type { Leadership } from "../kube/election/candidacy.ts";
import { createContacts } from "../loop/contacts.ts";
import { linkedSignal } from "../kube/wire/linked-signal.ts";
import type { Gate } from "../gates/gate.ts";
import { mayTellEvents } from "./events.ts";
import { gatesFor } from "./gates.ts";
import { notificationsFor, type Notifications } from "./notifications.ts";
import { policyFor, watchedFreshness } from "./policy.ts";
import type { Ports } from "./ports.ts";
import type { Health } from "./health.ts";
import { serveEndpoints } from "./serve.ts";
import { supervise, type Supervision } from "./supervise.ts";
import { tellerFor } from "./telling.ts";

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
  if (settings.pod.name === "")
    throw new Error("KURED_POD_NAME must be set (from metadata.name): the Lease tells coordinators apart by it");
  const gates = await gatesFor(settings, { ...ports, client });
  await supervise(signal, async (process) => {
    const health = serveEndpoints({ ports, settings, ...process });
    const tellsEvents = await mayTellEvents({ client, clock, log, ...process });
    const contacts = createContacts(clock);
    health.decidesFrom(contacts);
    const notifications = await notificationsFor(settings, ports);
    let term: Term | undefined;
    const election = new AbortController();
    const onChange = (leadership: Leadership) => {
      if (leadership.kind === "leading" && term?.number === leadership.term) {
        term.world.setLeadership(leadershipOf(leadership));
        return;
      }
      term?.stop();
      term =
        leadership.kind === "leading" && !process.signal.aborted
          ? startTerm(settings, { ports, client, leadership, tellsEvents, notifications, gates, health, process })
          : undefined;
    };
    health.ready();
    process.tasks.start(() =>
      runElection({
        ...electionOf(settings, ports),
        client,
        onChange,
        contact: () => contacts.content("the Lease"),
        lost: (reason) => contacts.wanting("the Lease", reason),
        signal: election.signal,
      }),
    );
    await aborted(process.signal);
    // The Lease is given back when everything that was done in its name has ended, and not before.
    await term?.ended;
    election.abort(process.signal.reason);
  });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

const requestTimeoutMs = 30_000;

/** The Lease is renewed five times before it runs out, and given up by ourselves well before others may take it. */
function electionOf(settings: Settings, { clock, random, log }: Ports) {
  const { durationMs, name } = settings.lease;
  return {
    clock,
    random,
    log,
    identity: settings.pod.name,
    namespace: settings.lock.daemonSetNamespace,
    name,
    leaseDurationMs: durationMs,
    renewDeadlineMs: Math.round((durationMs * 2) / 3),
    retryPeriodMs: Math.round(durationMs / 7.5),
  };
}

function leadershipOf({ term, heldUntilMonotonicMs }: Leading) {
  return { kind: "leading", term, untilMs: heldUntilMonotonicMs } as const;
}

type Leading = Extract<Leadership, { kind: "leading" }>;

/** One term of leadership. */
interface Term {
  readonly number: number;
  readonly world: World;
  readonly stop: () => void;
  /** Resolves when everything that was done in this term has ended, whatever ended it. */
  readonly ended: Promise<void>;
}

interface TermParts {
  readonly ports: Ports;
  readonly client: KubeClient;
  readonly leadership: Leading;
  readonly tellsEvents: () => boolean;
  readonly notifications: Notifications;
  readonly gates: readonly Gate[];
  readonly health: Health;
  readonly process: Supervision;
}

function startTerm(
  settings: Settings,
  { ports, client, leadership, tellsEvents, notifications, gates, health, process }: TermParts,
): Term {
  const { clock, random, log, metrics } = ports;
  const link = linkedSignal(process.signal);
  const notices = notifications.wanted;
  const policy = policyFor(settings, { agentProof: "pod", freshness: watchedFreshness, gates, notices });
  const lockAnnotation = settings.lock.annotation;
  const world = createWorld({
    clock,
    random,
    lockAnnotation,
    leadership: leadershipOf(leadership),
    owner: policy.owner,
  });
  const contacts = createContacts(clock);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  process.tasks.start(async () => {
    const ends = [health.decidesFrom(contacts), health.comesRound("coordinator's loop", world.lastRoundAtMs)];
    try {
      await supervise(link.signal, async ({ tasks, signal }) => {
        const shared = { client, world, contacts, clock, random, log, metrics, tasks, signal };
        const publisher = createPublisher({ ...shared, instance: settings.pod.name, tellsEvents });
        const teller = tellerFor(policy, { log, metrics, publisher });
        // What is under way when the term ends may end with the process: the Lease does not wait for it.
        const messenger = notifications.messenger({ tasks: process.tasks, signal });
        const hands = createHands({ ...shared, policy, story: createStory(log), messenger, lockAnnotation });
        const eyes = createWatching({ ...shared, gates, owner: policy.owner });
        await coordinate({ world, policy, clock, hands, eyes, teller, metrics, signal });
      });
    } finally {
      for (const finish of ends) finish();
      link.finish();
      end();
    }
  });
  return {
    number: leadership.term,
    world,
    ended,
    stop: () => {
      // What the nodes' states are is for the next leader to say.
      for (const family of ["kured_node_state", drainPods]) metrics.remove(family, { labels: {} });
      link.abort(new Error("this coordinator does not lead any more"));
    },
  };
}
