import { podPath } from "../../cluster/admin.ts";
import type { Container } from "../processes/container.ts";
import type { World } from "../world.ts";
import type { Mishap, Place } from "./mishap.ts";

/** Processes that die, stand still, and are asked to go. */
export const processMishaps: readonly Mishap[] = [
  { name: "a daemon is killed", happen: (world, place) => daemonOn(world, place)?.kill("by chance") },
  { name: "a coordinator is killed", happen: (world, place) => coordinator(world, place)?.kill("by chance") },
  {
    name: "a daemon is frozen",
    happen: (world, place) => daemonOn(world, place)?.freeze(place.dice.between(500, 90_000)),
  },
  {
    name: "a coordinator is frozen",
    happen: (world, place) => coordinator(world, place)?.freeze(place.dice.between(500, 120_000)),
  },
  { name: "a daemon is restarted", happen: (world, place) => daemonOn(world, place)?.restart() },
  { name: "a coordinator is restarted", happen: (world, place) => coordinator(world, place)?.restart() },
  { name: "a daemon's pod is replaced", happen: (world, place) => replace(world, daemonOn(world, place)) },
  { name: "a coordinator's pod is replaced", happen: (world, place) => replace(world, coordinator(world, place)) },
];

/** The agent or classic daemon of a machine. */
export function daemonOn({ kubelets }: World, { machine }: Pick<Place, "machine">): Container | undefined {
  return kubelets.containers.find(
    ({ workplace }) => workplace.machine === machine.name && workplace.role !== "coordinator",
  );
}

function coordinator({ kubelets }: World, { dice }: Place): Container | undefined {
  const all = kubelets.containers.filter(({ workplace }) => workplace.role === "coordinator");
  return all.length === 0 ? undefined : dice.pick(all);
}

/** Its pod is deleted, and its controller makes another one. */
export function replace(world: World, container: Container | undefined): void {
  const pod = world.server.objects("pods").find(({ metadata }) => metadata.uid === container?.workplace.pod.uid);
  if (pod !== undefined) world.people.stop(podPath(pod));
}
