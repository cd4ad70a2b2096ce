import { decide } from "../../src/core/decide.ts";
import { now } from "../../src/core/testing/builders.ts";
import type { BenchResult, Figure } from "../report/figure.ts";
import { fleetScenes, type FleetScene } from "./scenes.ts";

/** How large the fleets are and how often each is decided on. */
export interface DecideOptions {
  readonly sizes: readonly number[];
  readonly calls: number;
}

/** The time of one decision, in this process, without any API server: the first call (cold) apart from the later ones. */
export function benchDecide({ sizes, calls }: DecideOptions): BenchResult {
  const figures = sizes.flatMap((nodes) =>
    fleetScenes({ nodes, podsEach: 30 }).flatMap((scene) => measure(scene, { nodes, calls })),
  );
  return {
    input: [
      `decide() alone, ${calls} calls for each fleet after a tenth as many to warm up; 30 pods on each node in hand.`,
      "In a roll-out every node wants a reboot and a tenth of them is in hand. p99 is over the calls.",
    ],
    figures,
  };
}

function measure(scene: FleetScene, { nodes, calls }: { readonly nodes: number; readonly calls: number }): Figure[] {
  const name = `fleet/decide/${nodes} nodes/${scene.title}`;
  const first = timeMs(scene);
  for (let warming = 0; warming < calls / 10; warming += 1) timeMs(scene);
  const warm = Array.from({ length: calls }, () => timeMs(scene));
  return [
    { name, unit: "ms", ours: warm, goal: { atMost: 10, of: "p99" } },
    { name: `${name}, first call`, unit: "ms", ours: [first] },
  ];
}

function timeMs({ view, policy }: FleetScene): number {
  const startedAtMs = performance.now();
  decide(view, policy, now);
  return performance.now() - startedAtMs;
}
