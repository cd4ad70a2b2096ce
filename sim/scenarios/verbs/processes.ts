import { textAt } from "../../apiserver/objects/json.ts";
import { daemonOn, replace } from "../../world/faults/processes.ts";
import type { Container } from "../../world/processes/container.ts";
import type { World } from "../../world/world.ts";
import type { Verb } from "./verb.ts";

/** What becomes of kured's own processes. */
export const processVerbs: readonly Verb[] = [
  {
    form: "the daemon of {node} is killed",
    happen: (world, words) => daemonOf(world, words.text("node")).kill("kill -9"),
  },
  {
    form: "the daemon of {node} stands still for {duration}",
    happen: (world, words) => daemonOf(world, words.text("node")).freeze(words.ms()),
  },
  {
    form: "the pod of the daemon of {node} is replaced",
    happen: (world, words) => replace(world, daemonOf(world, words.text("node"))),
  },
  { form: "the leading coordinator is killed", happen: (world) => leader(world)?.kill("kill -9") },
  {
    form: "the leading coordinator stands still for {duration}",
    happen: (world, words) => leader(world)?.freeze(words.ms()),
  },
  { form: "the DaemonSet is rolled out", happen: (world) => rollOut(world) },
  {
    form: "the DaemonSet is rolled out with {text}",
    happen: (world, words) => {
      world.flags = [...world.flags, ...words.text("text").split(" ")];
      rollOut(world);
    },
  },
];

function daemonOf(world: World, node: string): Container {
  const machine = world.machines.get(node);
  const daemon = machine && daemonOn(world, { machine });
  if (daemon === undefined) throw new Error(`No daemon runs on ${node}`);
  return daemon;
}

/** In classic mode there is none, and nothing happens. */
function leader({ kubelets, server }: World): Container | undefined {
  const lease = server.objects("leases", { group: "coordination.k8s.io" })[0];
  const holder = textAt(lease, "spec", "holderIdentity") ?? "";
  return kubelets.containers.find(
    ({ workplace }) => workplace.role === "coordinator" && holder.startsWith(workplace.pod.name),
  );
}

/** One pod after the other, as a rolling update does it where each takes some seconds. */
function rollOut(world: World): void {
  const daemons = world.kubelets.containers.filter(({ workplace }) => workplace.role !== "coordinator");
  for (const [index, daemon] of daemons.entries()) world.timeline.after(index * 10_000, () => replace(world, daemon));
}
