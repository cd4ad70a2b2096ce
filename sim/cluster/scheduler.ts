import { at, listAt, numberAt, objectAt, textAt } from "../apiserver/objects/json.ts";
import type { Json } from "../apiserver/objects/json.ts";
import { isTerminating } from "../apiserver/objects/object.ts";
import type { KubeObject } from "../apiserver/objects/object.ts";
import { podPath } from "./admin.ts";
import { conditionStatus } from "./conditions.ts";
import type { Controller, Scene } from "./scene.ts";

/** Binds each waiting pod to the emptiest Node that may take it, apart from its siblings where that is possible. */
export const scheduler: Controller = { reads: [{ plural: "pods" }, { plural: "nodes" }], step: stepScheduler };

function stepScheduler({ server, admin }: Scene): void {
  const pods = server.objects("pods");
  const waiting = pods.filter((pod) => nodeOf(pod) === "" && !isTerminating(pod));
  if (waiting.length === 0) return;
  const places = server.objects("nodes").flatMap(placeOn);
  const byName = new Map(places.map((place) => [place.name, place]));
  for (const pod of pods) if (nodeOf(pod) !== "" && !isFinished(pod)) add(pod, byName.get(nodeOf(pod)));
  for (const pod of waiting) {
    const place = emptiest(pod, places);
    if (place === undefined) continue;
    bind(pod, { node: place.node, admin });
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

function add(pod: KubeObject, place: NodeToFill | undefined): void {
  if (place === undefined) return;
  const owner = ownerUid(pod);
  place.pods += 1;
  place.siblings.set(owner, (place.siblings.get(owner) ?? 0) + 1);
}

/** The first of the emptiest; a sibling weighs more than any number of strangers. */
function emptiest(pod: KubeObject, places: readonly NodeToFill[]): NodeToFill | undefined {
  const owner = ownerUid(pod);
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

/** The uid of whoever controls an object; its own when nobody does. */
export function ownerUid(object: KubeObject): string {
  const known = owners.get(object);
  if (known !== undefined) return known;
  const owner = listAt(object, "metadata", "ownerReferences").find((one) => at(one, "controller") === true);
  const uid = textAt(owner, "uid") ?? object.metadata.uid;
  owners.set(object, uid);
  return uid;
}

/** Objects are never changed in place, and thousands of pods are asked at each step. */
const owners = new WeakMap<KubeObject, string>();

/** The Node that a pod is bound to; empty while there is none. */
export function nodeOf(pod: KubeObject): string {
  return textAt(pod, "spec", "nodeName") ?? "";
}

/** Whether a pod has run to its end. */
export function isFinished(pod: KubeObject): boolean {
  const phase = at(pod, "status", "phase");
  return phase === "Succeeded" || phase === "Failed";
}
