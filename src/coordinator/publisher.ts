import { verdictAnnotation, type NodeFacts } from "../core/fleet/node.ts";
import { describeFailure } from "../kube/answers.ts";
import type { KubeClient } from "../kube/client.ts";
import { recordNodeEvent, type NodeEvent } from "../kube/events.ts";
import { decodeNodeFacts } from "../kube/node.ts";
import type { Tasks } from "../loop/tasks.ts";
import { createTurns, type Turns } from "../loop/turns.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Random } from "../ports/random.ts";
import type { World } from "./world/world.ts";

/** Writes verdicts on Nodes and records their events, in order for each node, at least once. */
export interface Publisher {
  publish(node: NodeFacts, news: News): void;
  /** The node is gone: what is still to be told about it is dropped. */
  forget(name: string): void;
}

/** What there is to tell about one node. */
export interface News {
  /** The verdict annotation's new text; `undefined` removes it. */
  readonly text: string | undefined;
  readonly event?: Omit<NodeEvent, "node">;
}

/** What telling on Nodes needs. */
export interface PublisherParts {
  readonly client: KubeClient;
  readonly world: World;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly tasks: Tasks;
  /** The pod that tells. */
  readonly instance: string;
  /** Whether we may create events, as is known now; found out with a review, never by a refused request. */
  readonly tellsEvents: () => boolean;
  readonly signal: AbortSignal;
}

interface Pending {
  readonly node: { readonly name: string; readonly uid: string };
  text: string | undefined;
  textPending: boolean;
  readonly events: Omit<NodeEvent, "node">[];
  running: boolean;
  failures: number;
}

/**
 * A change is often followed by another one at once, and only the last is worth a write. A small drain is over by then,
 * and what is told of it does not compete with its evictions.
 */
const settleMs = 1_000;
const eventsMax = 32;
/** A window that closes changes the verdict of a whole fleet at once. */
const atOnceMax = 10;

/** A publisher with one worker for each node that there is something to tell about. */
export function createPublisher(parts: PublisherParts): Publisher {
  const turns = createTurns(atOnceMax);
  const pendings = new Map<string, Pending>();
  return {
    publish: (node, { text, event }) => {
      const fresh: Pending = { node, text: undefined, textPending: false, events: [], running: false, failures: 0 };
      const known = pendings.get(node.name);
      const pending = known?.node.uid === node.uid ? known : fresh;
      pendings.set(node.name, pending);
      pending.text = text;
      pending.textPending = text !== undefined || node.published !== undefined || pending.textPending;
      if (event && parts.tellsEvents()) enqueue(event, pending.events);
      if (pending.running) return;
      pending.running = true;
      parts.tasks.start(() => work(pending, { ...parts, turns, alive: () => pendings.get(node.name) === pending }));
    },
    forget: (name) => void pendings.delete(name),
  };
}

/** One that is not told yet is replaced by better words for the same. */
function enqueue(event: Omit<NodeEvent, "node">, events: Pending["events"]): void {
  const at = events.findIndex(({ name }) => name === event.name);
  if (at >= 0) events[at] = event;
  else if (events.length < eventsMax) events.push(event);
}

interface WorkParts extends PublisherParts {
  readonly turns: Turns;
  readonly alive: () => boolean;
}

/** Events first: the annotation then is the mark that they have been told. */
async function work(pending: Pending, parts: WorkParts): Promise<void> {
  const { clock, random, turns, signal, alive } = parts;
  try {
    await clock.sleep(settleMs, { signal });
    while (alive() && (pending.textPending || pending.events.length > 0)) {
      const done = await turns.take(
        async () => (await tellEvents(pending, parts)) && (await writeText(pending, parts)),
      );
      pending.failures = done ? 0 : pending.failures + 1;
      const restMs = Math.min(30_000, 1_000 * 2 ** Math.min(pending.failures, 5)) * (0.5 + random.next());
      if (!done) await clock.sleep(restMs, { signal });
    }
  } finally {
    pending.running = false;
  }
}

async function tellEvents({ events, node }: Pending, parts: PublisherParts): Promise<boolean> {
  for (let event = events[0]; event !== undefined; event = events[0]) {
    if (!parts.world.leads()) return false;
    const answer = await recordNodeEvent({ ...event, node }, parts);
    const hopeless =
      answer.kind !== "ok" && (answer.kind === "forbidden" || answer.kind === "invalid" || answer.kind === "gone");
    if (answer.kind !== "ok") parts.log.write("debug", `Recording an event failed: ${describeFailure(answer)}`);
    if (answer.kind !== "ok" && !hopeless) return false;
    events.shift();
  }
  return true;
}

async function writeText(pending: Pending, { client, world, clock, log, signal }: PublisherParts): Promise<boolean> {
  if (!pending.textPending) return true;
  // Who slept through the end of its term has old news.
  if (!world.leads()) return false;
  const { node, text } = pending;
  const annotations = { [verdictAnnotation]: text ?? null };
  pending.textPending = false;
  const sentAtMs = clock.now().monotonicMs;
  const answer = await client.patch("nodes", {
    name: node.name,
    // The uid keeps us from telling a machine's fate on another one of the same name.
    patch: { type: "merge", body: { metadata: { uid: node.uid, annotations } } },
    decode: decodeNodeFacts,
    signal,
  });
  if (answer.kind === "ok") {
    world.putNode(answer.value, sentAtMs);
    return true;
  }
  log.write("debug", `Writing the verdict of ${node.name} failed: ${describeFailure(answer)}`);
  if (answer.kind === "gone") return true;
  pending.textPending = true;
  return false;
}
