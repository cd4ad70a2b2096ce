import type { Figure } from "../report/figure.ts";
import { isLease, simulate, type SimulatedRequest } from "../simulated/world.ts";

const minuteMs = 60_000;
const needAtMs = 5 * minuteMs;
const longestMs = 24 * 60 * minuteMs;
/** A coordinator of so many rests between its decisions, which it does not where deciding takes no time. */
const large = { nodes: 500, grainMs: 20 };

/** How large the fleet is, and how many pods must go from each node beside the two that every node has. */
export interface RollOptions {
  readonly nodes: number;
  readonly podsEach: number;
}

/** Every node of a fleet is drained and rebooted, a tenth of them at once, in virtual time: what that asks in all. */
export async function benchRoll({ nodes, podsEach }: RollOptions): Promise<readonly Figure[]> {
  const atOnce = Math.max(1, Math.round(nodes / 10));
  const grainMs = nodes < large.nodes ? 1 : large.grainMs;
  const flags = [`--max-unavailable=${atOnce}`];
  const simulation = simulate({ mode: "coordinated", nodes, flags, needAtMs, grainMs });
  const { world } = simulation;
  // What every world has of its own holds one node back for another.
  world.cluster.admin.remove("/apis/policy/v1/namespaces/shop/poddisruptionbudgets/web");
  world.cluster.addWorkload("load", { replicas: (podsEach - 2) * nodes, namespace: "load" });
  await simulation.runFor(needAtMs - 1);
  simulation.forget();
  const startedAtMs = world.timeline.nowMs;
  while (!isOver(simulation.world.machines.values()) && world.timeline.nowMs < longestMs)
    await simulation.runFor(minuteMs);
  const tookMs = world.timeline.nowMs - startedAtMs;
  const all = simulation.requests.filter((request) => !isLease(request));
  const of = (wanted: (request: SimulatedRequest) => boolean) => all.filter(wanted).length / nodes;
  const name = `fleet/roll of ${nodes} nodes with ${podsEach} pods, ${atOnce} at once`;
  const note = grainMs === 1 ? "simulated" : `simulated in steps of ${grainMs} ms`;
  return [
    { name: `${name}/requests a node`, unit: "", ours: [all.length / nodes], note },
    ...(["agent", "coordinator"] as const).map((role): Figure => {
      return { name: `${name}/of the ${role}`, unit: "", ours: [of((request) => request.role === role)], note };
    }),
    { name: `${name}/evictions a node`, unit: "", ours: [of(isEviction)], note },
    { name: `${name}/writes of the Node a node`, unit: "", ours: [of(writesNode)], note },
    { name: `${name}/events a node`, unit: "", ours: [of(({ path }) => path.includes("/events"))], note },
    { name: `${name}/it took`, unit: "min", ours: [tookMs / minuteMs], note },
  ];
}

function isOver(machines: Iterable<{ readonly boots: number }>): boolean {
  return [...machines].every(({ boots }) => boots > 1);
}

function isEviction({ path }: SimulatedRequest): boolean {
  return path.endsWith("/eviction");
}

function writesNode({ method, path }: SimulatedRequest): boolean {
  return method === "PATCH" && path.startsWith("/api/v1/nodes/");
}
