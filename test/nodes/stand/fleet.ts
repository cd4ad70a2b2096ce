import type { Condition, NodeObject, PodObject } from "../../controlplane/objects.ts";
import { waitFor } from "../../controlplane/waits.ts";
import type { Rig } from "../rig.ts";
import { watch, type Change } from "./watch.ts";

/** Nodes and pods while something happens to them. */
export interface FleetWatch {
  /** In the order in which they were first cordoned, each node once. */
  cordoned(): readonly string[];
  /** The largest number of nodes that were away (cordoned or NotReady) at one moment. */
  mostAway(): number;
  /** What `kubectl get nodes -w` shows of one node, without repetitions: `Ready`, `NotReady,SchedulingDisabled`. */
  states(node: string): readonly string[];
  /** The smallest number of the application's pods that were available at one moment, once all were. */
  fewest(app: string): number;
  /** Nodes from which a pod of the application went while the machine went down under it: nothing had drained it. */
  undrained(app: string): readonly string[];
  stop(): Promise<void>;
}

/** Watches the nodes and the pods of the default namespace, and resolves when it does. */
export async function watchFleet(rig: Rig): Promise<FleetWatch> {
  const nodes = watch<NodeObject>(rig, { kind: "Node" });
  const pods = watch<PodObject>(rig, { kind: "Pod", namespace: "default" });
  const isOn = (): Promise<boolean> => Promise.resolve(nodes.changes.length >= rig.nodes.length);
  await waitFor("the watch to begin", isOn, { signal: rig.signal });
  return {
    cordoned: () => [...new Set(nodes.changes.filter(({ object }) => object.spec?.unschedulable === true).map(nameOf))],
    mostAway: () => largest(nodes.changes, (present) => present.filter((node) => stateOf(node) !== "Ready").length),
    states: (name) =>
      nodes.changes
        .filter((change) => nameOf(change) === name)
        .map(({ object }) => stateOf(object))
        .filter((state, index, all) => state !== all[index - 1]),
    fewest: (app) => fewestAvailable(pods.changes, app),
    undrained: (app) =>
      pods.changes
        .filter(({ object }) => isOf(object, app) && restarts(object) > 0)
        .map(({ object }) => onNode(object)),
    stop: async () => {
      await Promise.all([nodes.stop(), pods.stop()]);
    },
  };
}

function fewestAvailable(changes: readonly Change<PodObject>[], app: string): number {
  const counts = numbers(changes, (present) => present.filter((pod) => isOf(pod, app) && isAvailable(pod)).length);
  const most = Math.max(...counts);
  // Pods that start one after the other are no shortage.
  return Math.min(...counts.slice(counts.indexOf(most)));
}

function largest<T extends NodeObject | PodObject>(
  changes: readonly Change<T>[],
  count: (present: readonly T[]) => number,
): number {
  return Math.max(...numbers(changes, count));
}

/** The count after every change. */
function numbers<T extends NodeObject | PodObject>(
  changes: readonly Change<T>[],
  count: (present: readonly T[]) => number,
): readonly number[] {
  const present = new Map<string, T>();
  return changes.map((change) => {
    if (change.type === "DELETED") present.delete(nameOf(change));
    else present.set(nameOf(change), change.object);
    return count([...present.values()]);
  });
}

/** As a disruption budget counts. */
function isAvailable({ metadata, status }: PodObject): boolean {
  return metadata.deletionTimestamp === undefined && isTrue(status?.conditions, "Ready");
}

/** As kubectl writes it. */
function stateOf({ spec, status }: NodeObject): string {
  const ready = isTrue(status?.conditions, "Ready") ? "Ready" : "NotReady";
  return spec?.unschedulable === true ? `${ready},SchedulingDisabled` : ready;
}

function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
}

function isOf({ metadata }: PodObject, app: string): boolean {
  return metadata.labels?.["app"] === app;
}

function onNode({ spec }: PodObject): string {
  return spec.nodeName ?? "";
}

/** Of a container that was on a machine while it rebooted, the kubelet counts one more. */
function restarts({ status }: PodObject): number {
  const counts = (status as { containerStatuses?: readonly { restartCount: number }[] } | undefined)?.containerStatuses;
  return (counts ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
}

function nameOf({ object }: { readonly object: NodeObject | PodObject }): string {
  return object.metadata.name;
}
