import { daemonSetPath } from "../../sim/world/world.ts";
import type { Figure } from "../report/figure.ts";
import { simulate } from "../simulated/world.ts";

const minuteMs = 60_000;
const needAtMs = minuteMs;
/** All find out at the same instant, and tell so; that is not waiting yet. */
const settledAfterMs = 5 * minuteMs;

/**
 * Classic daemons that wait for a lock which another node holds for ever, in virtual time: what they ask of the API
 * server in each of ten minutes, as if they were a thousand. They know nothing of each other, so that twice as many ask
 * for twice as much.
 */
export async function benchWaiters({ daemons }: { readonly daemons: number }): Promise<readonly Figure[]> {
  const simulation = simulate({ mode: "classic", nodes: daemons, flags: ["--period=1h"], needAtMs });
  const { world } = simulation;
  world.cluster.addNode("holder", { controlPlane: false, bootId: "boot-of-holder" });
  world.people.merge(daemonSetPath, { metadata: { annotations: { "weave.works/kured-node-lock": heldForEver } } });
  await simulation.runFor(needAtMs + settledAfterMs);
  const perSecond: number[] = [];
  const seconds = new Map<number, number>();
  for (let minute = 0; minute < 10; minute += 1) {
    simulation.forget();
    await simulation.runFor(minuteMs);
    perSecond.push(((simulation.requests.length / 60) * 1_000) / daemons);
    for (const { atMs } of simulation.requests)
      seconds.set(Math.floor(atMs / 1000), (seconds.get(Math.floor(atMs / 1000)) ?? 0) + 1);
  }
  const name = "fleet/1000 classic daemons wait for one lock";
  const note = `simulated with ${daemons} of them, --period=1h`;
  return [
    { name: `${name}/all of them`, unit: "requests/s", ours: perSecond, goal: { atMost: 10 }, note },
    { name: `${name}/busiest second of ${daemons}`, unit: "requests", ours: [Math.max(0, ...seconds.values())], note },
  ];
}

const heldForEver = JSON.stringify({
  nodeID: "holder",
  metadata: { unschedulable: false },
  created: "2026-05-04T00:00:00Z",
  TTL: 0,
});
