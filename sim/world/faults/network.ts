import type { Mishap } from "./mishap.ts";

/** What goes wrong between processes and the API server, and in the API server itself. */
export const networkMishaps: readonly Mishap[] = [
  {
    name: "a machine is cut off",
    happen: ({ network }, { machine, dice }) => network.cutOff(machine.name, dice.between(2_000, 240_000)),
  },
  {
    name: "the API server is away",
    happen: ({ network, machines, server }, { dice }) => {
      const forMs = dice.between(2_000, 120_000);
      for (const name of machines.keys()) network.cutOff(name, forMs);
      server.cutWatches("cut");
    },
  },
  {
    name: "a storm of refusals",
    happen: ({ network }, { dice }) => network.storm(dice.pick([0.3, 0.8, 1]), dice.between(5_000, 120_000)),
  },
  { name: "watches are cut", happen: ({ server }) => server.cutWatches("cut") },
  { name: "watches are closed", happen: ({ server }) => server.cutWatches("closed") },
  { name: "watches expire", happen: ({ server }) => server.cutWatches("expired") },
  {
    name: "the history is compacted",
    happen: ({ server }) => {
      server.compact();
      server.cutWatches("cut");
    },
  },
];
