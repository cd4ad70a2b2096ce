import type { PodFacts } from "../../src/core/drain/pod.ts";
import type { NodeFacts } from "../../src/core/fleet/node.ts";
import type { Phase } from "../../src/core/fleet/record.ts";
import type { Attempt, View } from "../../src/core/fleet/view.ts";
import { formatCreated } from "../../src/core/lock/created.ts";
import type { Policy } from "../../src/core/policy/policy.ts";
import { questionKey, type Answer } from "../../src/core/question.ts";
import * as build from "../../src/core/testing/builders.ts";

/** A fleet at one instant, and who decides about it. */
export interface FleetScene {
  readonly title: string;
  readonly view: View;
  readonly policy: Policy;
}

/** The fleets that a coordinator meets: quiet, and in the middle of a roll-out in which a tenth of it is in hand. */
export function fleetScenes({ nodes, podsEach }: { readonly nodes: number; readonly podsEach: number }): FleetScene[] {
  return [
    quiet(nodes),
    rolling("all draining", { nodes, podsEach, phases: ["draining"] }),
    rolling("in every phase", {
      nodes,
      podsEach,
      phases: ["claimed", "draining", "approved", "rebooting", "returning"],
    }),
    rolling("all draining, held back by budgets", { nodes, podsEach, phases: ["draining"], refused: true }),
  ];
}

/** Watches keep everything fresh. */
const freshness = { waitingMs: 300_000, restingMs: 300_000, goingMs: 300_000, gatesMs: 30_000, decisiveMs: 10_000 };

function quiet(count: number): FleetScene {
  const report = build.reportReading({ need: "notRequired" });
  const nodes = names(count).map((name) => build.node({ name, report }));
  return { title: "nothing required", view: build.view({ nodes }), policy: build.policy({ freshness }) };
}

interface RollingOptions {
  readonly nodes: number;
  readonly podsEach: number;
  /** Of those in hand, in turn. */
  readonly phases: readonly Phase[];
  /** Each pod's eviction was refused by the budget of its own workload. */
  readonly refused?: boolean;
}

/** Everybody wants a reboot; the first tenth is in hand, and the ledger names all of them. */
function rolling(title: string, { nodes: count, podsEach, phases, refused = false }: RollingOptions): FleetScene {
  const concurrency = Math.ceil(count / 10);
  const created = formatCreated(build.now.wallMs - 120_000);
  const inHand = names(concurrency);
  const pods = new Map(inHand.map((name) => [name, podsOf(name, podsEach)]));
  const nodes = names(count).map((name, index): NodeFacts => {
    const plain = build.node({ name, report: build.reportReading({ sinceMs: build.now.wallMs - index }) });
    const phase = phases[index % phases.length] ?? "draining";
    return index < concurrency ? begun(plain, { phase, created }) : plain;
  });
  const text = build.listText(
    inHand.map((node) => build.entryText({ node, created })),
    concurrency,
  );
  const view = build.view({
    nodes,
    ledger: build.ledger(text),
    answers: build.answers(podAnswers(pods)),
    attempts: refused ? refusals(pods) : new Map(),
  });
  return { title, view, policy: build.policy({ concurrency, evictionsInFlight: 30, freshness }) };
}

function begun(node: NodeFacts, { phase, created }: { readonly phase: Phase; readonly created: string }): NodeFacts {
  const record = build.recordReading({
    phase,
    lock: created,
    machine: node.uid,
    cordon: "ours",
    id: `id-${node.name}`,
  });
  return { ...node, unschedulable: phase !== "claimed", record };
}

function podsOf(node: string, count: number): readonly PodFacts[] {
  const agent = build.agentPod({ uid: "agent-1", nodeName: node });
  const others = Array.from({ length: count }, (_, index) =>
    build.pod({
      namespace: `team-${index % 50}`,
      name: `web-${index}-${node}`,
      nodeName: node,
      labels: { app: "web" },
    }),
  );
  return [agent, ...others];
}

function podAnswers(pods: ReadonlyMap<string, readonly PodFacts[]>): Readonly<Record<string, Answer>> {
  return Object.fromEntries(
    Array.from(pods, ([node, on]) => [questionKey({ kind: "pods", node, freshForMs: 0 }), build.podsAnswer(on)]),
  );
}

function refusals(pods: ReadonlyMap<string, readonly PodFacts[]>): ReadonlyMap<string, Attempt> {
  const attempt = (budget: string): Attempt => ({
    failures: 2,
    jitter: 0.5,
    last: {
      endedAtMs: build.now.monotonicMs - 1_000,
      outcome: { kind: "eviction", outcome: { kind: "budgetRefused", text: "no", budget } },
    },
    refusedBy: budget,
  });
  const all = Array.from(pods.values()).flat();
  return new Map(all.map(({ uid, namespace }) => [`evict/${uid}`, attempt(`${namespace}/web`)]));
}

function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `n${index + 1}`);
}
