import { questionKey, type Answer, type Question } from "../core/question.ts";
import type { PodFacts } from "../core/drain/pod.ts";
import type { NodeFacts } from "../core/fleet/node.ts";
import { decodeNodeFacts } from "../kube/node.ts";
import { decodeObject, type KubeObject } from "../kube/object.ts";
import { watchCollection } from "../kube/watch.ts";
import { linkedSignal } from "../kube/wire/linked-signal.ts";
import type { Eyes } from "./eyes.ts";
import { podFacts } from "./look.ts";
import { inContact } from "./in-contact.ts";
import { createLooks, type LooksParts } from "./polling.ts";
import { watchBudgets } from "./watch-budgets.ts";

/** What a coordinator's eyes need. */
export type WatchingParts = LooksParts;

/**
 * Eyes that watch (coordinator): all Nodes and our DaemonSet for as long as it leads, the pods of a node and the
 * budgets of a namespace while somebody asks for them. What must be proven is asked for on top of that.
 */
export function createWatching(parts: WatchingParts): Eyes {
  const looks = createLooks(parts);
  const transient = new Map<string, TransientWatch>();
  parts.tasks.start(() => watchNodes(parts));
  parts.tasks.start(() => watchDaemonSet(parts));
  return {
    look: (questions) => {
      followQuestions(questions, { transient, parts });
      // All Nodes are watched, and asking for each of them would not be quicker.
      const others = questions.filter(({ kind }) => kind !== "nodes");
      const listing = new Map(others.map((question) => [question, listedUntilMs(question, { transient, parts })]));
      const lookAtMs = looks.look(others.filter((question) => listing.get(question) === undefined));
      return Math.min(lookAtMs, ...listing.values().map((untilMs) => untilMs ?? Infinity));
    },
  };
}

/** Until when a watch that has only begun may be taken to bring what is asked for: it lists first, as a look would. */
function listedUntilMs(
  question: Question,
  { transient, parts: { world, clock } }: { transient: ReadonlyMap<string, TransientWatch>; parts: WatchingParts },
): number | undefined {
  const key = questionKey(question);
  const watch = transient.get(key);
  if (watch === undefined || world.view().answers.has(key)) return undefined;
  const untilMs = watch.startedAtMs + firstListMs;
  return untilMs > clock.now().monotonicMs ? untilMs : undefined;
}

/** After that, a look of its own tells what is wrong. */
const firstListMs = 2_000;

async function watchNodes({ world, ...parts }: WatchingParts): Promise<void> {
  await watchCollection<NodeFacts>("nodes", {
    ...parts,
    decode: decodeNodeFacts,
    handlers: {
      replaced: (nodes) => world.replaceNodes(nodes),
      upserted: (node) => world.putNode(node),
      deleted: ({ name }) => world.dropNode(name),
      held: world.nodeCount,
      ...inContact("the watch of nodes", { contacts: parts.contacts, heard: (atMs) => world.nodesCurrentAt(atMs) }),
    },
  });
}

async function watchDaemonSet({ world, owner, ...parts }: WatchingParts): Promise<void> {
  const [namespace = "", name = ""] = owner.split("/");
  const gone = () => world.daemonSetUnseen(`there is no DaemonSet ${owner}`);
  await watchCollection<KubeObject>("daemonsets", {
    ...parts,
    namespace,
    fieldSelector: `metadata.name=${name}`,
    decode: decodeObject,
    handlers: {
      replaced: ([object]) => (object ? world.putDaemonSet(object, -Infinity) : gone()),
      upserted: (object) => world.putDaemonSet(object, -Infinity),
      deleted: gone,
      ...inContact("the watch of the DaemonSet", {
        contacts: parts.contacts,
        heard: (atMs) => world.daemonSetCurrentAt(atMs),
      }),
    },
  });
}

interface TransientWatch {
  readonly startedAtMs: number;
  lastAskedAtMs: number;
  readonly stop: () => void;
}

/** A watch that nobody asked for lingers this long: the same node is often asked about again at once. */
const lingerMs = 30_000;

function followQuestions(
  questions: readonly Question[],
  { transient, parts }: { transient: Map<string, TransientWatch>; parts: WatchingParts },
): void {
  const { monotonicMs } = parts.clock.now();
  for (const question of questions) {
    if (question.kind !== "pods" && question.kind !== "budgets") continue;
    const key = questionKey(question);
    const running = transient.get(key);
    if (running) running.lastAskedAtMs = monotonicMs;
    else {
      const stop = startWatch(question, parts);
      transient.set(key, { startedAtMs: monotonicMs, lastAskedAtMs: monotonicMs, stop });
    }
  }
  for (const [key, { lastAskedAtMs, stop }] of transient) {
    if (lastAskedAtMs + lingerMs > monotonicMs) continue;
    stop();
    transient.delete(key);
  }
}

/** What a watch needs that is ended when nobody asks any more; `what` it is called in a sentence. */
interface TransientParts extends WatchingParts {
  readonly what: string;
}

function startWatch(question: Extract<Question, { kind: "pods" | "budgets" }>, parts: WatchingParts): () => void {
  const link = linkedSignal(parts.signal);
  const about = question.kind === "pods" ? `pods on ${question.node}` : `budgets in ${question.namespace}`;
  const within = { ...parts, what: `the watch of ${about}`, signal: link.signal };
  let stopped = false;
  parts.tasks.start(async () => {
    try {
      await (question.kind === "pods" ? watchPods(question.node, within) : watchBudgets(question.namespace, within));
    } catch (error) {
      // Nobody asked any more: that is its regular end.
      if (!stopped) throw error;
    } finally {
      parts.contacts.forget(within.what);
      link.finish();
    }
  });
  return () => {
    stopped = true;
    link.abort(new Error("nobody asks any more"));
  };
}

async function watchPods(node: string, { world, what, ...parts }: TransientParts): Promise<void> {
  const pods = new Map<string, PodFacts>();
  const key = questionKey({ kind: "pods", node, freshForMs: 0 });
  let seenAtMs = -Infinity;
  let told: Extract<Answer, { kind: "pods" }> | undefined;
  let changed = true;
  const replace = (listed: readonly PodFacts[]) => {
    changed = true;
    pods.clear();
    for (const pod of listed) pods.set(pod.uid, pod);
  };
  // Somebody has listed them since this watch spoke last: it goes on from that list, which may be ahead of it.
  const catchUp = () => {
    const known = world.view().answers.get(key);
    if (known?.kind !== "pods" || known === told) return;
    seenAtMs = Math.max(seenAtMs, known.observedAtMs);
    replace(known.pods);
  };
  await watchCollection<PodFacts>("pods", {
    ...parts,
    fieldSelector: `spec.nodeName=${node}`,
    decode: podFacts,
    handlers: {
      replaced: replace,
      upserted: (pod) => {
        catchUp();
        pods.set(pod.uid, pod);
        changed = true;
      },
      deleted: (pod) => {
        catchUp();
        pods.delete(pod.uid);
        changed = true;
      },
      held: () => pods.size,
      ...inContact(what, {
        contacts: parts.contacts,
        heard: (atMs) => {
          seenAtMs = Math.max(atMs, seenAtMs);
          // The very same list where nothing changed: what was worked out of it is kept by it.
          told = { kind: "pods", observedAtMs: seenAtMs, pods: told && !changed ? told.pods : [...pods.values()] };
          changed = false;
          world.answer(key, told);
        },
      }),
    },
  });
}
