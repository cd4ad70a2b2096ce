import { decide } from "../../src/core/decide.ts";
import { now } from "../../src/core/testing/builders.ts";
import type { BenchResult, Figure } from "../report/figure.ts";
import { changesEach, changingViews } from "./changes.ts";
import { fleetScenes, type FleetScene } from "./scenes.ts";

/** How large the fleets are and how often each is decided on. */
export interface DecideOptions {
  readonly sizes: readonly number[];
  readonly calls: number;
}

/**
 * The time of one decision, in this process, without any API server: the first call (cold) apart from the later ones.
 */
export function benchDecide({ sizes, calls }: DecideOptions): BenchResult {
  const figures = sizes.flatMap((nodes) =>
    fleetScenes({ nodes, podsEach: 30 }).flatMap((scene) => measure(scene, { nodes, calls })),
  );
  return {
    input: [
      `decide() alone, ${calls} calls for each fleet after a tenth as many to warm up; 30 pods on each node in hand.`,
      `As in a coordinator, what was worked out for the call before is kept, and between two calls ${changesEach} Nodes, ${changesEach} lists of pods and ${changesEach} attempts change.`,
      "Processor time of the thread, which others on the machine do not lengthen; beside it what a clock on the wall says.",
      "In a roll-out every node wants a reboot and a tenth of them is in hand. p99 is over the calls.",
    ],
    figures,
  };
}

function measure(scene: FleetScene, { nodes, calls }: { readonly nodes: number; readonly calls: number }): Figure[] {
  const name = `fleet/decide/${nodes} nodes/${scene.title}`;
  const next = changingViews(scene.view);
  const time = () => timed({ ...scene, view: next() });
  const first = time();
  for (let warming = 0; warming < calls / 10; warming += 1) time();
  const warm = Array.from({ length: calls }, time);
  return [
    { name, unit: "ms", ours: warm.map(({ cpuMs }) => cpuMs), goal: { atMost: 10, of: "p99" } },
    { name: `${name}, on the wall`, unit: "ms", ours: warm.map(({ wallMs }) => wallMs) },
    { name: `${name}, first call`, unit: "ms", ours: [first.cpuMs] },
  ];
}

function timed({ view, policy }: FleetScene): { readonly cpuMs: number; readonly wallMs: number } {
  const from = process.threadCpuUsage();
  const startedAtMs = performance.now();
  decide(view, policy, now);
  const wallMs = performance.now() - startedAtMs;
  const { user, system } = process.threadCpuUsage(from);
  return { cpuMs: (user + system) / 1000, wallMs };
}
