import type { Settings } from "../config/settings.ts";
import { coordinate } from "../coordinator/coordinate.ts";
import { createHands } from "../coordinator/hands.ts";
import { lookAtLedger } from "../coordinator/look.ts";
import { createPolling } from "../coordinator/polling.ts";
import { createPublisher } from "../coordinator/publisher.ts";
import { createStory } from "../coordinator/story.ts";
import { createWorld } from "../coordinator/world/world.ts";
import { decodeNode } from "../core/fleet/node.ts";
import { kubeClient, type KubeClient } from "../kube/client.ts";
import { createContacts } from "../loop/contacts.ts";
import { decodeObject, type Decode } from "../kube/object.ts";
import type { Json } from "../kube/wire/json.ts";
import type { Clock } from "../ports/clock.ts";
import { startAgent } from "./agent.ts";
import { mayTellEvents } from "./events.ts";
import { gatesFor } from "./gates.ts";
import { notificationsFor } from "./notifications.ts";
import { ownerOf, policyFor, polledFreshness } from "./policy.ts";
import type { Ports } from "./ports.ts";
import { serveEndpoints } from "./serve.ts";
import { supervise } from "./supervise.ts";
import { tellerFor } from "./telling.ts";

/**
 * kured as it always was: one daemon on every node, with kured's own rights, and the fleet is its own node. Both
 * loops in one process, talking through the Node object. Ends when `signal` aborts; rejects on what is fatal.
 */
export async function composeClassic(
  settings: Settings,
  { ports, signal }: { readonly ports: Ports; readonly signal: AbortSignal },
): Promise<void> {
  const { clock, random, log, metrics } = ports;
  const lockAnnotation = settings.lock.annotation;
  const owner = ownerOf(settings);
  const world = createWorld({ clock, random, lockAnnotation, leadership: { kind: "alone" }, owner });
  const kube = kubeClient({ transport: ports.transport, clock, requestTimeoutMs });
  // What one loop is answered about our own Node the other hears too; each takes its own answers in itself.
  const agentClient = feedingClient(kube, {
    clock,
    feed: (json, observedAtMs) => {
      const node = decodeNode(json);
      if (node?.name === settings.nodeId) world.putNode(node, observedAtMs);
    },
  });
  const feeds: Feed[] = [];
  const client = feedingClient(kube, { clock, feed: (...news) => feeds.forEach((feed) => feed(...news)) });
  const gates = await gatesFor(settings, { ...ports, client });
  const notifications = await notificationsFor(settings, ports);
  const policy = policyFor(settings, {
    agentProof: "self",
    freshness: polledFreshness(settings.periodMs, random.next()),
    gates,
    notices: notifications.wanted,
  });

  await supervise(signal, async (process) => {
    const contacts = createContacts(clock);
    const shared = { client, world, contacts, clock, random, log, metrics, ...process };
    const health = serveEndpoints({ ports, settings, ...process });
    health.decidesFrom(contacts);
    health.comesRound("coordinator's loop", world.lastRoundAtMs);
    const tellsEvents = await mayTellEvents({ client, clock, log, ...process });
    const machine = await startAgent(settings, { ports, client: agentClient, process, health, contacts });
    feeds.push((json, observedAtMs) => {
      const object = decodeObject(json);
      if (object.name === settings.nodeId) machine.sawNode(object, observedAtMs);
    });
    // Once at the start: a lock that Go kured left is found although nothing is required any more.
    await lookAtLedger({ ...shared, owner: policy.owner });

    const publisher = createPublisher({ ...shared, instance: settings.pod.name, tellsEvents });
    const teller = tellerFor(policy, { log, metrics, publisher });
    const messenger = notifications.messenger(process);
    const hands = createHands({ ...shared, policy, story: createStory(log), messenger, lockAnnotation });
    const eyes = createPolling({ ...shared, gates, owner: policy.owner });
    health.ready();
    await coordinate({ world, policy, clock, hands, eyes, teller, metrics, signal: process.signal });
  });
}

const requestTimeoutMs = 30_000;

/** Takes a Node as it came, and when it was asked for. */
type Feed = (json: Json, observedAtMs: number) => void;

/** A client that hands every Node it decodes to `feed`, whole, also where only its metadata was asked for. */
function feedingClient(
  client: KubeClient,
  { feed, clock }: { readonly feed: Feed; readonly clock: Clock },
): KubeClient {
  const feeding = <T>(decode: Decode<T>): Decode<T> => {
    const askedAtMs = clock.now().monotonicMs;
    return (json) => {
      const value = decode(json);
      feed(json, askedAtMs);
      return value;
    };
  };
  return {
    ...client,
    get: (kind, options) =>
      kind === "nodes"
        ? client.get(kind, { ...options, metadataOnly: false, decode: feeding(options.decode) })
        : client.get(kind, options),
    patch: (kind, options) =>
      kind === "nodes"
        ? client.patch(kind, { ...options, metadataOnly: false, decode: feeding(options.decode) })
        : client.patch(kind, options),
  };
}
