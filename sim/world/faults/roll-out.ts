import { installation } from "../installation.ts";
import { coordinatorApp } from "../processes/kubelet.ts";
import type { World } from "../world.ts";
import type { Mishap } from "./mishap.ts";
import { replace } from "./processes.ts";

/** An operator goes over to the other way of running kured, node by node: for a while both are there. */
export const rollOutMishaps: readonly Mishap[] = [
  {
    name: "the other mode is rolled out",
    happen: (world, { dice }) => {
      world.goOver();
      const replicas = world.mode === "coordinated" ? 2 : 0;
      world.people.merge(`/apis/apps/v1/namespaces/${installation.namespace}/deployments/${coordinatorApp}`, {
        spec: { replicas },
      });
      for (const name of world.machines.keys())
        world.timeline.after(dice.between(0, 180_000), () => replaceDaemon(name, world));
    },
  },
];

/** Its pod runs in the mode of this instant from now on. */
function replaceDaemon(machine: string, world: World): void {
  const container = world.kubelets.containers.find(
    ({ workplace }) => workplace.machine === machine && workplace.role !== "coordinator",
  );
  if (container?.workplace.role !== world.daemon) replace(world, container);
}

/** Nodes that the roll-out has not reached, for example because their pod was not there at that moment. */
export function finishRollOut(world: World): void {
  for (const name of world.machines.keys()) replaceDaemon(name, world);
}
