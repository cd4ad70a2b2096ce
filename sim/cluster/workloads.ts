import { at, numberAt, objectAt, sameJson, textAt } from "../apiserver/objects/json.ts";
import type { JsonObject } from "../apiserver/objects/json.ts";
import type { KubeObject } from "../apiserver/objects/object.ts";
import { podPath } from "./admin.ts";
import type { Controller, Scene } from "./scene.ts";
import { ownerUid } from "./seen-pods.ts";
import type { SeenPod } from "./seen-pods.ts";

/** Keeps as many pods of each Deployment as it asks for, by way of one ReplicaSet each. */
export const deployments: Controller = {
  reads: [{ plural: "deployments", group: "apps" }, { plural: "replicasets", group: "apps" }, { plural: "pods" }],
  step: stepDeployments,
};

function stepDeployments(scene: Scene): void {
  for (const deployment of scene.server.objects("deployments", { group: "apps" })) {
    const replicaSet = replicaSetOf(deployment, scene);
    const alive = podsOf(replicaSet, scene);
    const missing = (numberAt(deployment, "spec", "replicas") ?? 1) - alive.length;
    for (let made = 0; made < missing; made += 1) createPod(replicaSet, { scene });
    for (const { pod } of surplus(alive, -missing)) scene.admin.stop(podPath(pod));
    const pods = missing === 0 ? alive : podsOf(replicaSet, scene);
    for (const owner of [deployment, replicaSet]) setReplicas(owner, { pods, scene });
  }
}

/** Keeps one pod of each DaemonSet on every Node, ready or not, cordoned or not. */
export const daemonSets: Controller = {
  reads: [{ plural: "daemonsets", group: "apps" }, { plural: "nodes" }, { plural: "pods" }],
  step: stepDaemonSets,
};

function stepDaemonSets(scene: Scene): void {
  const nodes = new Set(scene.server.objects("nodes").map(({ metadata }) => metadata.name));
  for (const daemonSet of scene.server.objects("daemonsets", { group: "apps" })) {
    const pods = scene.pods.of(daemonSet);
    // A pod that is on its way out still holds its place, so that two never run at once.
    const held = new Set(pods.map(({ node }) => node));
    for (const nodeName of nodes) if (!held.has(nodeName)) createPod(daemonSet, { scene, nodeName });
    for (const { pod, node } of pods) if (!nodes.has(node)) scene.admin.remove(podPath(pod));
    setDaemons(daemonSet, { wanted: nodes.size, scene });
  }
}

function podsOf(owner: KubeObject, { pods }: Scene): readonly SeenPod[] {
  return pods.of(owner).filter(({ terminating, finished }) => !terminating && !finished);
}

function replicaSetOf(deployment: KubeObject, { server, admin }: Scene): KubeObject {
  const known = server
    .objects("replicasets", { group: "apps" })
    .find((one) => ownerUid(one) === deployment.metadata.uid);
  return (
    known ??
    admin.create(`/apis/apps/v1/namespaces/${namespaceOf(deployment)}/replicasets`, {
      metadata: {
        name: `${deployment.metadata.name}-${deployment.metadata.uid.slice(0, 8)}`,
        labels: objectAt(deployment, "spec", "template", "metadata", "labels"),
        ownerReferences: [controllerRef(deployment)],
      },
      spec: objectAt(deployment, "spec"),
    })
  );
}

/** Unplaced and unready ones first: they serve nobody. */
function surplus(pods: readonly SeenPod[], count: number): readonly SeenPod[] {
  const serves = ({ ready, node }: SeenPod): number => (ready ? 2 : node === "" ? 0 : 1);
  return count <= 0 ? [] : pods.toSorted((one, other) => serves(one) - serves(other)).slice(0, count);
}

function createPod(
  owner: KubeObject,
  { scene, nodeName }: { readonly scene: Scene; readonly nodeName?: string },
): void {
  const template = objectAt(owner, "spec", "template");
  scene.admin.create(`/api/v1/namespaces/${namespaceOf(owner)}/pods`, {
    metadata: {
      ...objectAt(template, "metadata"),
      generateName: `${owner.metadata.name}-`,
      ownerReferences: [controllerRef(owner)],
    },
    spec: { ...objectAt(template, "spec"), ...(nodeName !== undefined && { nodeName }) },
  });
}

function controllerRef({ apiVersion, kind, metadata }: KubeObject): JsonObject {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}

function namespaceOf(object: KubeObject): string {
  return textAt(object, "metadata", "namespace") ?? "default";
}

function setReplicas(
  owner: KubeObject,
  { pods, scene }: { readonly pods: readonly SeenPod[]; readonly scene: Scene },
): void {
  const ready = readyCount(pods);
  setStatus(owner, {
    scene,
    status: {
      observedGeneration: numberAt(owner, "metadata", "generation"),
      replicas: pods.length,
      readyReplicas: ready,
      availableReplicas: ready,
    },
  });
}

function setDaemons(
  daemonSet: KubeObject,
  { wanted, scene }: { readonly wanted: number; readonly scene: Scene },
): void {
  const ready = readyCount(podsOf(daemonSet, scene));
  setStatus(daemonSet, {
    scene,
    status: {
      observedGeneration: numberAt(daemonSet, "metadata", "generation"),
      desiredNumberScheduled: wanted,
      currentNumberScheduled: wanted,
      updatedNumberScheduled: wanted,
      numberMisscheduled: 0,
      numberReady: ready,
      numberAvailable: ready,
    },
  });
}

function setStatus(owner: KubeObject, { scene, status }: { readonly scene: Scene; readonly status: JsonObject }): void {
  if (sameJson(at(owner, "status"), status)) return;
  const path = `/apis/apps/v1/namespaces/${namespaceOf(owner)}/${owner.kind.toLowerCase()}s/${owner.metadata.name}`;
  scene.admin.setStatus(path, status);
}

function readyCount(pods: readonly SeenPod[]): number {
  return pods.filter(({ ready }) => ready).length;
}
