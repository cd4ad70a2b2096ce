import { at, listAt, numberAt, objectAt, textAt } from "../apiserver/objects/json.ts";
import type { Json } from "../apiserver/objects/json.ts";
import type { KubeObject } from "../apiserver/objects/object.ts";
import { podPath } from "./admin.ts";
import { conditionStatus } from "./conditions.ts";
import type { Controller, Scene } from "./scene.ts";
import type { SeenPod } from "./seen-pods.ts";

/** Binds each waiting pod to the emptiest Node that may take it, apart from its siblings where that is possible. */
export const scheduler: Controller = { reads: [{ plural: "pods" }, { plural: "nodes" }], step: stepScheduler };

function stepScheduler({ server, admin, pods }: Scene): void {
  const all = pods.all();
  const waiting = all.filter(({ node, terminating }) => node === "" && !terminating);
  if (waiting.length === 0) return;
  const places = server.objects("nodes").flatMap(placeOn);
  const byName = new Map(places.map((place) => [place.name, place]));
  for (const pod of all) if (pod.node !== "" && !pod.finished) add(pod, byName.get(pod.node));
  for (const pod of waiting) {
    const place = emptiest(pod, places);
    if (place === undefined) continue;
    bind(pod.pod, { node: place.node, admin });
    add(pod, place);
  }
}

/** A Node that takes new pods, and how many of whose it has. */
interface NodeToFill {
  readonly name: string;
  readonly node: KubeObject;
  readonly room: number;
  readonly taints: readonly Json[];
  pods: number;
  /** By the uid of their controller, or their own. */
  readonly siblings: Map<string, number>;
}

/** Nothing for a Node that takes none. */
function placeOn(node: KubeObject): readonly NodeToFill[] {
  if (at(node, "spec", "unschedulable") === true || conditionStatus(node, "Ready") !== "True") return [];
  const room =
    numberAt(node, "status", "allocatable", "pods") ?? Number(textAt(node, "status", "allocatable", "pods") ?? "110");
  const taints = listAt(node, "spec", "taints");
  return [{ name: node.metadata.name, node, room, taints, pods: 0, siblings: new Map() }];
}

function add({ owner }: SeenPod, place: NodeToFill | undefined): void {
  if (place === undefined) return;
  place.pods += 1;
  place.siblings.set(owner, (place.siblings.get(owner) ?? 0) + 1);
}

/** The first of the emptiest; a sibling weighs more than any number of strangers. */
function emptiest({ pod, owner }: SeenPod, places: readonly NodeToFill[]): NodeToFill | undefined {
  const wanted = Object.entries(objectAt(pod, "spec", "nodeSelector"));
  let [best, least]: [NodeToFill | undefined, number] = [undefined, Infinity];
  for (const place of places) {
    const load = place.pods + 1000 * (place.siblings.get(owner) ?? 0);
    if (load >= least || place.pods >= place.room || !mayRun(pod, { place, wanted })) continue;
    [best, least] = [place, load];
  }
  return best;
}

function bind(pod: KubeObject, { node, admin }: { readonly node: KubeObject; readonly admin: Scene["admin"] }): void {
  const target = { kind: "Node", apiVersion: "v1", name: node.metadata.name };
  admin.create(podPath(pod, "binding"), { metadata: { name: pod.metadata.name }, target });
}

function mayRun(
  pod: KubeObject,
  { place, wanted }: { readonly place: NodeToFill; readonly wanted: readonly (readonly [string, unknown])[] },
): boolean {
  return (
    place.taints.every((taint) => isTolerated(taint, pod)) &&
    wanted.every(([label, value]) => at(place.node, "metadata", "labels", label) === value)
  );
}

function isTolerated(taint: Json, pod: KubeObject): boolean {
  if (textAt(taint, "effect") === "PreferNoSchedule") return true;
  return listAt(pod, "spec", "tolerations").some((toleration) => {
    const key = textAt(toleration, "key");
    const effect = textAt(toleration, "effect");
    const everyValue = textAt(toleration, "operator") === "Exists";
    return (
      (key === undefined ? everyValue : key === textAt(taint, "key")) &&
      (effect === undefined || effect === textAt(taint, "effect")) &&
      (everyValue || (textAt(toleration, "value") ?? "") === (textAt(taint, "value") ?? ""))
    );
  });
}
