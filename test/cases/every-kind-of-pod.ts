import { deployment, disruptionBudget, idlePod, pod, statefulSet, type PodObject } from "../controlplane/objects.ts";
import { resourcePath, type KubeObject } from "../controlplane/resources.ts";
import { createAll, waitFor } from "../controlplane/waits.ts";
import type { Site } from "./site.ts";

/** Nodes of a site with one pod of every kind on each, told apart by their label `app`. */
export interface Kinds {
  /** Sorted. */
  readonly apps: readonly string[];
  /** The kinds whose first pod on this node is no more, sorted. */
  removedFrom(node: string): Promise<readonly string[]>;
}

/** Kinds whose pods stay in the API until `letGo`, because somebody's finalizer is on them. */
export const lingering: readonly string[] = ["leaving", "orphan"];

/** Makes one pod of every kind on each of these nodes and resolves when they are what they are to be. */
export async function everyKindOfPod(site: Site, nodes: readonly string[]): Promise<Kinds> {
  const { admin } = site.cluster;
  const namespace = site.name;
  const owned = nodes.length;
  await createAll(admin, [
    daemonSet(site),
    deployment({ name: "replica", namespace, replicas: owned, spread: true, pod: among(nodes) }),
    statefulSet({ name: "stateful", namespace, replicas: owned, spread: true, pod: among(nodes) }),
    ...nodes.flatMap((node) => looseKinds({ node, namespace })),
    ...closedBudgets(namespace),
  ]);
  const first = await waitFor(
    "pods of every kind to run",
    async () => {
      const pods = (await podsOf(site)).filter(({ spec }) => nodes.includes(spec.nodeName ?? ""));
      const running = pods.filter(({ status, metadata }) => status?.phase === "Running" || appOf(metadata) === "job");
      return pods.length === kindCount * owned && running.length === pods.length && pods;
    },
    { signal: site.signal },
  );
  await keepFinalizers(site, first);
  for (const { metadata } of first) {
    const status = statusOf.get(appOf(metadata));
    if (status) await admin.patch({ kind: "Pod", metadata }, { status }, { subresource: "status" });
    if (appOf(metadata) === "leaving") await admin.delete({ kind: "Pod", metadata });
    // The garbage collector deletes it at once, because its owner is not there; the finalizer keeps it.
    if (appOf(metadata) === "orphan")
      await admin.patch({ kind: "Pod", metadata }, { metadata: { ownerReferences: [goneOwner] } });
    // The same, but a DaemonSet of that name is there: neither kubectl nor we compare uids.
    if (appOf(metadata) === "impostor")
      await admin.patch(
        { kind: "Pod", metadata },
        { metadata: { ownerReferences: [{ ...goneOwner, name: "daemon" }] } },
      );
  }
  return {
    apps: [...new Set(first.map(({ metadata }) => appOf(metadata)))].toSorted(),
    removedFrom: async (node) => {
      const now = new Set((await podsOf(site)).map(({ metadata }) => metadata.uid));
      const gone = first.filter(({ spec, metadata }) => spec.nodeName === node && !now.has(metadata.uid));
      return gone.map(({ metadata }) => appOf(metadata)).toSorted();
    },
  };
}

/** Takes the finalizers off, so that what lingers goes. */
export async function letGo(site: Site): Promise<void> {
  for (const { metadata } of await podsOf(site)) {
    if (!lingering.includes(appOf(metadata))) continue;
    await site.cluster.admin.patch(
      { kind: "Pod", metadata },
      { metadata: { annotations: { [mayGo]: "" }, finalizers: null } },
    );
  }
}

const finalizer = "test.kured.dev/lingers";
const mayGo = "test.kured.dev/may-go";

/** kwok takes the finalizers off whatever is to be deleted; from now on it may not. */
async function keepFinalizers({ cluster, name, signal }: Site, pods: readonly PodObject[]): Promise<void> {
  const { admin } = cluster;
  const apiVersion = "admissionregistration.k8s.io/v1";
  const resourceRules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["pods"] }];
  const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": name } };
  const hasIt = (object: string) => `'${finalizer}' in ${object}.metadata.?finalizers.orValue([])`;
  const letGoNow = `'${mayGo}' in object.metadata.?annotations.orValue({})`;
  const expression = `!(${hasIt("oldObject")}) || ${hasIt("object")} || ${letGoNow}`;
  const metadata = { name: `${name}-finalizers` };
  const matchConstraints = { resourceRules, namespaceSelector };
  const policy = { matchConstraints, validations: [{ expression }] };
  const binding = { policyName: metadata.name, validationActions: ["Deny"] };
  await createAll(admin, [
    { apiVersion, kind: "ValidatingAdmissionPolicy", metadata, spec: policy } as KubeObject,
    { apiVersion, kind: "ValidatingAdmissionPolicyBinding", metadata, spec: binding } as KubeObject,
  ]);
  const one = pods.find((pod) => pod.metadata.finalizers?.includes(finalizer));
  if (one === undefined) throw new Error("No pod has the finalizer");
  const path = `${resourcePath(one)}?dryRun=All`;
  const body = { metadata: { finalizers: null } };
  const refused = async () => {
    const { status } = await admin.send("PATCH", path, { body, contentType: "application/merge-patch+json" });
    return status === 422;
  };
  await waitFor("finalizers to be kept", refused, { signal });
}

const goneOwner = {
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  name: "gone",
  uid: "00000000-0000-4000-8000-000000000000",
  controller: true,
};

/** As many as are made on each node. */
const kindCount = 16;

/** What becomes of pods that run at first. */
const statusOf: ReadonlyMap<string, object> = new Map<string, object>([
  ["finished", { phase: "Succeeded" }],
  ["spent", { phase: "Failed" }],
  ["unready", { conditions: [{ type: "Ready", status: "False" }] }],
]);

/** They never allow anything, and yet let go what has ended or, where they say so, what is not ready. */
function closedBudgets(namespace: string): readonly KubeObject[] {
  const [finished, unready] = ["finished", "unready"].map((name) =>
    disruptionBudget({ name, namespace, minAvailable: 2 }),
  );
  if (finished === undefined || unready === undefined) return [];
  return [finished, { ...unready, spec: { ...unready.spec, unhealthyPodEvictionPolicy: "AlwaysAllow" } } as KubeObject];
}

/** Pods that are bound to the node without the scheduler, and the Job's. */
function looseKinds({ node, namespace }: { readonly node: string; readonly namespace: string }): readonly KubeObject[] {
  const make = (app: string, options: Parameters<typeof pod>[0] = {}) =>
    pod({ name: `${app}-${node}`, namespace, node, labels: { app }, ...options });
  const named = (app: string) => ({ name: `${app}-${node}`, namespace, labels: { app } });
  const finalizers = [finalizer];
  const scratch = { pod: { volumes: [{ name: "scratch", emptyDir: {} }] } };
  const robot = { ...goneOwner, apiVersion: "example.com/v1", kind: "Robot" };
  return [
    make("bare"),
    make("scratch", scratch),
    make("finished"),
    make("spent", scratch),
    make("unready"),
    // Terminating before the drain begins.
    make("leaving", { metadata: { finalizers } }),
    make("impostor", { metadata: { finalizers } }),
    make("orphan", { metadata: { finalizers } }),
    make("static", { metadata: { annotations: { "kubernetes.io/config.mirror": "a-hash" } } }),
    make("foreign", { metadata: { ownerReferences: [robot] } }),
    make("foreign-scratch", { ...scratch, metadata: { ownerReferences: [robot] } }),
    make("legacy", { metadata: { ownerReferences: [{ ...goneOwner, apiVersion: "extensions/v1beta1" }] } }),
    {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: named("job"),
      spec: {
        template: {
          metadata: { labels: { app: "job" } },
          spec: { ...idlePod({ nodeSelector: { "kubernetes.io/hostname": node } }), restartPolicy: "Never" },
        },
      },
    } as KubeObject,
  ];
}

/** With an emptyDir, for which alone a pod of a DaemonSet is not removed. */
function daemonSet({ name }: Site): KubeObject {
  const labels = { app: "daemon" };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "daemon", namespace: name },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: idlePod({ nodeSelector: { site: name }, volumes: [{ name: "scratch", emptyDir: {} }] }),
      },
    },
  } as KubeObject;
}

/** The scheduler puts a pod on one of these nodes and on no other; a pod that was removed waits for them. */
function among(nodes: readonly string[]) {
  const matchExpressions = [{ key: "kubernetes.io/hostname", operator: "In", values: nodes }];
  const affinity = {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } },
  };
  return { affinity } as object;
}

async function podsOf({ cluster, name }: Site): Promise<readonly PodObject[]> {
  const pods = await cluster.admin.list<PodObject>({ kind: "Pod", namespace: name, labelSelector: "app" });
  return pods;
}

function appOf({ labels }: PodObject["metadata"]): string {
  return labels?.["app"] ?? "";
}
