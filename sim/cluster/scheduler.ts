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
  const waiting = server.objects("pods").filter((pod) => nodeOf(pod) === "" && !isTerminating(pod));
  for (const pod of waiting) {
    const placed = server.objects("pods").filter((other) => nodeOf(other) !== "" && !isFinished(other));
    const node = server
      .objects("nodes")
      .filter((candidate) => mayRun(pod, { node: candidate, placed }))
      .toSorted((one, other) => load(one, { pod, placed }) - load(other, { pod, placed }))
      .at(0);
    if (node !== undefined) bind(pod, { node, admin });
  }
}

function bind(pod: KubeObject, { node, admin }: { readonly node: KubeObject; readonly admin: Scene["admin"] }): void {
  const target = { kind: "Node", apiVersion: "v1", name: node.metadata.name };
  admin.create(podPath(pod, "binding"), { metadata: { name: pod.metadata.name }, target });
}

function mayRun(
  pod: KubeObject,
  { node, placed }: { readonly node: KubeObject; readonly placed: readonly KubeObject[] },
): boolean {
  const room =
    numberAt(node, "status", "allocatable", "pods") ?? Number(textAt(node, "status", "allocatable", "pods") ?? "110");
  const wanted = Object.entries(objectAt(pod, "spec", "nodeSelector"));
  return (
    at(node, "spec", "unschedulable") !== true &&
    conditionStatus(node, "Ready") === "True" &&
    listAt(node, "spec", "taints").every((taint) => isTolerated(taint, pod)) &&
    wanted.every(([label, value]) => at(node, "metadata", "labels", label) === value) &&
    placed.filter((other) => nodeOf(other) === node.metadata.name).length < room
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

/** A sibling weighs more than any number of strangers. */
function load(
  node: KubeObject,
  { pod, placed }: { readonly pod: KubeObject; readonly placed: readonly KubeObject[] },
): number {
  const there = placed.filter((other) => nodeOf(other) === node.metadata.name);
  return there.length + 1000 * there.filter((other) => ownerUid(other) === ownerUid(pod)).length;
}

/** The uid of whoever controls an object; its own when nobody does. */
export function ownerUid(object: KubeObject): string {
  const owner = listAt(object, "metadata", "ownerReferences").find((one) => at(one, "controller") === true);
  return textAt(owner, "uid") ?? object.metadata.uid;
}

/** The Node that a pod is bound to; empty while there is none. */
export function nodeOf(pod: KubeObject): string {
  return textAt(pod, "spec", "nodeName") ?? "";
}

/** Whether a pod has run to its end. */
export function isFinished(pod: KubeObject): boolean {
  const phase = at(pod, "status", "phase");
  return phase === "Succeeded" || phase === "Failed";
}
