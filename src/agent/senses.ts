import type { HostQuestion } from "../core/host/action.ts";
import type { ShutdownState } from "../core/fleet/report.ts";
import { describeFailure } from "../kube/answers.ts";
import type { KubeClient } from "../kube/client.ts";
import { decodeObject } from "../kube/object.ts";
import type { Contacts } from "../loop/contacts.ts";
import { freshUntil } from "../loop/fresh.ts";
import type { Tasks } from "../loop/tasks.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Random } from "../ports/random.ts";
import type { Sentinel } from "../sentinels/sentinel.ts";
import type { Machine } from "./machine.ts";

/** Looks at the machine and at its Node as `decideHost` asks. */
export interface Senses {
  /** Starts the looks that are due; answers when the next one will be (monotonic). */
  look(questions: readonly HostQuestion[]): number;
  /** The sentinel may have changed: look as soon as possible. */
  readonly sentinelChanged: () => void;
}

/** What an agent looks with. */
export interface SensesParts {
  readonly machine: Machine;
  readonly client: KubeClient;
  readonly node: string;
  readonly sentinel: Sentinel;
  readonly askShutdown: (options: { readonly signal: AbortSignal }) => Promise<ShutdownState>;
  /** Whether a reboot could be commanded; asked beside the sentinel. A sentence when it surely could not. */
  readonly askImpediment: (options: { readonly signal: AbortSignal }) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Told of what is looked for in vain. */
  readonly contacts: Contacts;
  readonly tasks: Tasks;
  readonly signal: AbortSignal;
}

type Looked = { readonly kind: "seen" } | { readonly kind: "failed"; readonly reason: string };

const seen: Looked = { kind: "seen" };

/** Senses that look once at a time for each question, and rest longer after each failure. */
export function createSenses(parts: SensesParts): Senses {
  const { machine, clock, random, contacts, tasks } = parts;
  const underWay = new Set<HostQuestion["kind"]>();
  const rests = new Map<HostQuestion["kind"], { readonly failures: number; readonly untilMs: number }>();
  let staleSentinel = false;

  const begin = (kind: HostQuestion["kind"]) => {
    underWay.add(kind);
    contacts.wanting(nameOf[kind], "no answer yet");
    if (kind === "sentinel") staleSentinel = false;
    tasks.start(async () => {
      try {
        const looked = await lookAt(kind, parts);
        if (looked.kind === "failed") contacts.wanting(nameOf[kind], looked.reason);
        else contacts.content(nameOf[kind]);
        const failures = looked.kind === "seen" ? 0 : (rests.get(kind)?.failures ?? 0) + 1;
        const restMs = looked.kind === "seen" ? 0 : Math.min(30_000, 500 * 2 ** failures) * (0.5 + random.next());
        rests.set(kind, { failures, untilMs: clock.now().monotonicMs + restMs });
      } finally {
        underWay.delete(kind);
        machine.changed();
      }
    });
  };
  const whenDue = ({ kind, freshForMs }: HostQuestion): number => {
    if (underWay.has(kind)) return Infinity;
    const { monotonicMs } = clock.now();
    const seenAtMs = kind === "sentinel" && staleSentinel ? -Infinity : observedAtMs(kind, machine);
    const freshUntilMs = freshUntil(seenAtMs, freshForMs);
    if (freshUntilMs > monotonicMs) contacts.content(nameOf[kind]);
    const dueAtMs = Math.max(freshUntilMs, rests.get(kind)?.untilMs ?? -Infinity);
    if (dueAtMs > monotonicMs) return dueAtMs + 1;
    begin(kind);
    return Infinity;
  };
  return {
    look: (questions) => {
      const strictest = new Map<HostQuestion["kind"], HostQuestion>();
      for (const question of questions) {
        const other = strictest.get(question.kind);
        if (other === undefined || question.freshForMs < other.freshForMs) strictest.set(question.kind, question);
      }
      for (const kind of kinds) if (!strictest.has(kind) && !underWay.has(kind)) contacts.content(nameOf[kind]);
      return Math.min(Infinity, ...Array.from(strictest.values(), whenDue));
    },
    sentinelChanged: () => {
      staleSentinel = true;
      machine.changed();
    },
  };
}

const kinds = ["sentinel", "ownNode", "shutdown"] as const satisfies readonly HostQuestion["kind"][];

/** In a sentence. */
const nameOf: Readonly<Record<HostQuestion["kind"], string>> = {
  sentinel: "the sentinel",
  ownNode: "our own Node",
  shutdown: "whether a shutdown is pending",
};

function observedAtMs(kind: HostQuestion["kind"], machine: Machine): number {
  const { sentinel, node, shutdown } = machine.view();
  switch (kind) {
    case "sentinel":
      return sentinel?.observedAtMs ?? -Infinity;
    case "ownNode":
      return node?.observedAtMs ?? -Infinity;
    case "shutdown":
      return shutdown?.observedAtMs ?? -Infinity;
  }
}

async function lookAt(kind: HostQuestion["kind"], parts: SensesParts): Promise<Looked> {
  const { machine, askShutdown, signal } = parts;
  switch (kind) {
    case "sentinel":
      await lookAtSentinel(parts);
      return seen;
    case "shutdown":
      machine.sawShutdown(await askShutdown({ signal }));
      return seen;
    case "ownNode":
      return await lookAtNode(parts);
  }
}

async function lookAtSentinel({ machine, sentinel, askImpediment, clock, log, metrics, node, signal }: SensesParts) {
  const observedAtMs = clock.now().monotonicMs;
  const { need, evidence, log: lines } = await sentinel.check({ signal });
  const before = machine.view().sentinel?.need;
  for (const { level, message } of lines) log.write(level, message);
  // kured's gauge knows only yes and no; unknown is told by kured_node_state.
  metrics.set("kured_reboot_required", { labels: { node }, value: need === "required" ? 1 : 0 });
  if (need === "notRequired") log.write("info", "Reboot not required");
  if (need === "required" && before !== "required") log.write("info", "Reboot required");
  // Only a machine that is to be rebooted needs something to do it with.
  if (need === "required") machine.setImpediment(await askImpediment({ signal }));
  machine.sawSentinel({ need, evidence, observedAtMs, endedAtMs: clock.now().monotonicMs });
}

async function lookAtNode({ machine, client, clock, node: name, log, signal }: SensesParts): Promise<Looked> {
  const askedAtMs = clock.now().monotonicMs;
  const answer = await client.get("nodes", { name, decode: decodeObject, metadataOnly: true, signal });
  if (answer.kind === "ok") {
    machine.sawNode(answer.value, askedAtMs);
    return seen;
  }
  const reason = answer.kind === "gone" ? `there is no Node ${name}` : describeFailure(answer);
  log.write("warning", `Error retrieving node object via k8s API: ${reason}`);
  return { kind: "failed", reason };
}
