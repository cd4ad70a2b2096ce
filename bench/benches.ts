import { startCluster, type ClusterOptions } from "../test/controlplane/cluster.ts";
import { benchBlocked } from "./blocked/blocked.ts";
import { benchDrain } from "./drain/drain.ts";
import { benchCoordinator } from "./fleet/coordinator.ts";
import { benchDecide } from "./fleet/decide.ts";
import { benchRoll } from "./fleet/roll.ts";
import { benchWaiters } from "./fleet/waiters.ts";
import { benchFootprint } from "./footprint/footprint.ts";
import { benchIdle } from "./idle/idle.ts";
import { benchNodes } from "./nodes/nodes.ts";
import type { BenchResult, Figure } from "./report/figure.ts";
import type { Stage } from "./stage/run.ts";
import { findSubjects } from "./stage/subject.ts";
import { benchWave } from "./wave/wave.ts";

/** What somebody who runs a bench may want otherwise. */
export interface Wish {
  readonly repeats: number;
  /** Very small inputs, so that a test can see in seconds that it still runs. */
  readonly small: boolean;
  /** For so long what is at rest is watched. */
  readonly seconds?: number;
  /** Pods of a drain, nodes of a fleet. */
  readonly sizes?: readonly number[];
}

/** Every bench by its name on the command line. */
export const benches: Readonly<Record<string, (wish: Wish) => Promise<BenchResult>>> = {
  drain: (wish) => onStage(wish, (stage) => benchDrain(stage, wish.sizes ?? (wish.small ? [5] : [30, 110, 250]))),
  wave: (wish) => onStage(wish, benchWave),
  blocked: (wish) => onStage(wish, benchBlocked),
  idle: (wish) => onStage(wish, (stage) => benchIdle(stage, { seconds: wish.seconds ?? (wish.small ? 1 : 300) })),
  footprint: (wish) =>
    onStage(wish, (stage) => benchFootprint(stage, { seconds: wish.seconds ?? (wish.small ? 1 : 60) })),
  nodes: benchNodes,
  coordinator,
  decide: ({ small, sizes = small ? [20] : [1_000, 5_000] }) =>
    Promise.resolve(benchDecide({ sizes, calls: small ? 10 : 500 })),
  roll: ({ small, sizes = small ? [4] : [20] }) =>
    simulated(sizes, (nodes) => benchRoll({ nodes, podsEach: small ? 3 : 30 })),
  waiters: ({ small, sizes = small ? [5] : [200] }) => simulated(sizes, (daemons) => benchWaiters({ daemons })),
};

async function coordinator(wish: Wish): Promise<BenchResult> {
  const { small, sizes = small ? [20] : [1_000, 5_000], seconds = small ? 2 : 60 } = wish;
  const figures: Figure[] = [];
  // Each on a control plane of its own: a coordinator has every Node of a cluster in view.
  for (const nodes of sizes)
    await onStage(wish, async (stage) => void figures.push(...(await benchCoordinator(stage, { nodes, seconds }))), {
      apiServerAlone: true,
    });
  const input = [
    `One coordinator, Nodes of about 10 kB each whose kubelets report every five minutes, ${seconds} s at rest; no other part of kured runs.`,
    "Then every Node wants a reboot while the fleet is paused: each gets its verdict and an event.",
  ];
  return { input, figures };
}

async function simulated(
  sizes: readonly number[],
  work: (size: number) => Promise<readonly Figure[]>,
): Promise<BenchResult> {
  const figures: Figure[] = [];
  for (const size of sizes) figures.push(...(await work(size)));
  return {
    input: ["Production code in virtual time on the simulator's API server; requests are exact, times simulated."],
    figures,
  };
}

/** On a control plane of its own, which is gone afterwards. */
async function onStage<T>(
  { repeats, small }: Wish,
  work: (stage: Stage) => Promise<T>,
  features: ClusterOptions["features"] = {},
): Promise<T> {
  const subjects = await findSubjects();
  const ending = new AbortController();
  const { signal } = ending;
  const cluster = await startCluster({ signal, features, log: (line) => console.error(line) });
  try {
    return await work({ repeats, small, cluster, subjects, signal });
  } finally {
    await cluster.stop();
    ending.abort(new Error("The bench is over"));
  }
}
