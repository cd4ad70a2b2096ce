import type { Figure } from "../report/figure.ts";
import { isLease, simulate, type SimulatedRequest } from "../simulated/world.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A whole hour of production code in virtual time on the simulator's API server, when everything is at rest. */
export async function simulatedHour({ nodes }: { readonly nodes: number }): Promise<readonly Figure[]> {
  const coordinated = await hourOf("coordinated", nodes);
  const classic = await hourOf("classic", 10);
  const of = (role: SimulatedRequest["role"]) => coordinated.filter((one) => one.role === role && !isLease(one)).length;
  const note = "simulated";
  return [
    { name: "idle/agent/requests in a simulated hour", goal: 2, count: of("agent") / nodes },
    {
      name: `idle/two coordinators of ${nodes} nodes/requests in a simulated hour`,
      goal: 60,
      count: of("coordinator"),
    },
    { name: "idle/classic daemon/requests in a simulated hour", goal: 2, count: classic.length / 10 },
    {
      name: "idle/two coordinators/Lease requests in a simulated hour",
      goal: undefined,
      count: coordinated.filter(isLease).length,
    },
  ].map(({ name, goal, count }): Figure => {
    return { name, unit: "", ours: [count], note, ...(goal !== undefined && { goal: { atMost: goal } }) };
  });
}

async function hourOf(mode: "classic" | "coordinated", nodes: number): Promise<readonly SimulatedRequest[]> {
  const simulation = simulate({ mode, nodes, flags: ["--period=10s"] });
  await simulation.runFor(15 * minuteMs);
  simulation.forget();
  await simulation.runFor(hourMs);
  return [...simulation.requests];
}
