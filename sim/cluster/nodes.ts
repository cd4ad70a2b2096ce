import { at, listAt, objectAt, sameJson, textAt } from "../apiserver/objects/json.ts";
import type { Json } from "../apiserver/objects/json.ts";
import type { KubeObject } from "../apiserver/objects/object.ts";
import { conditionStatus, withCondition } from "./conditions.ts";
import type { Condition } from "./conditions.ts";
import type { Machine } from "./power.ts";
import type { Controller, Scene } from "./scene.ts";

/** The kubelet's word on its Node, and the node controller's when the kubelet is silent: readiness, boot, taints. */
export const nodes: Controller = { reads: [{ plural: "nodes" }], step: stepNodes };

function stepNodes(scene: Scene): void {
  for (const node of scene.server.objects("nodes")) {
    const machine = scene.machines.get(node.metadata.name);
    if (machine !== undefined && settled.get(node) === machine) continue;
    if (machine !== undefined) reportNode(node, { machine, scene });
    taintNode(node, scene);
    const isUntouched = scene.server.object("nodes", node.metadata.name) === node;
    if (isUntouched && machine?.kind === "up") settled.set(node, machine);
  }
}

/**
 * Under which machine there is nothing to say of a Node as it is, whatever the time: a thousand are asked at each step.
 */
const settled = new WeakMap<KubeObject, Machine>();

function reportNode(node: KubeObject, { machine, scene }: { readonly machine: Machine; readonly scene: Scene }): void {
  const condition = readiness(machine, scene);
  if (condition === undefined) return;
  const bootID = machine.kind === "up" ? machine.bootId : textAt(node, "status", "nodeInfo", "bootID");
  const status = {
    ...objectAt(node, "status"),
    conditions: withCondition(node, { condition, nowMs: scene.nowMs }),
    nodeInfo: { ...objectAt(node, "status", "nodeInfo"), bootID },
  };
  if (!sameJson(status, at(node, "status"))) scene.admin.setStatus(`/api/v1/nodes/${node.metadata.name}`, status);
}

function readiness(machine: Machine, { nowMs, timing, lookAgainAt }: Scene): Condition | undefined {
  if (machine.kind === "up") {
    return { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" };
  }
  lookAgainAt(machine.sinceMs + timing.nodeGraceMs);
  if (nowMs - machine.sinceMs < timing.nodeGraceMs) return undefined;
  return {
    type: "Ready",
    status: "Unknown",
    reason: "NodeStatusUnknown",
    message: "Kubelet stopped posting node status.",
  };
}

/** The taints that the node controller owns: one for a cordon, one for a Node that nobody speaks for. */
function taintNode(node: KubeObject, { admin, server }: Scene): void {
  const path = `/api/v1/nodes/${node.metadata.name}`;
  const current = server.object("nodes", node.metadata.name) ?? node;
  const taints = listAt(current, "spec", "taints");
  const wanted = [
    ...taints.filter((taint) => !ownTaints.includes(textAt(taint, "key") ?? "")),
    ...(at(current, "spec", "unschedulable") === true ? [taint("node.kubernetes.io/unschedulable")] : []),
    ...(conditionStatus(current, "Ready") === "Unknown" ? [taint("node.kubernetes.io/unreachable")] : []),
  ];
  if (!sameJson(wanted, taints)) admin.merge(path, { spec: { taints: wanted } });
}

const ownTaints: readonly string[] = ["node.kubernetes.io/unschedulable", "node.kubernetes.io/unreachable"];

function taint(key: string): Json {
  return { key, effect: "NoSchedule" };
}
