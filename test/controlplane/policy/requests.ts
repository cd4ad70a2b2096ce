import type { TestClient } from "../client.ts";
import { fakeNode, pod, type NodeObject, type PodSpec, type WorkloadObject } from "../objects.ts";
import type { KubeObject } from "../resources.ts";
import type { Attempt } from "./attempts.ts";

export const REPORT = "kured.dev/report";
export const RECORD = "kured.dev/maintenance";
export const VERDICT = "kured.dev/verdict";
export const PAUSE = "kured.dev/pause";
export const HOLD = "kured.dev/hold";
export const REBOOT_NOW = "kured.dev/reboot-now";
export const LOCK = "weave.works/kured-node-lock";

export const DAEMON_SETS = "/apis/apps/v1/namespaces/kube-system/daemonsets";
export const LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";
export const DEPLOYMENT = "/apis/apps/v1/namespaces/kube-system/deployments/kured-coordinator";
export const ACCOUNTS = "/api/v1/namespaces/kube-system/serviceaccounts";
export const SECRET = "/api/v1/namespaces/kube-system/secrets/secret";

/** What an agent would take for the permission to reboot, were it in its Node's record. */
export const APPROVAL = JSON.stringify({ owner: "kube-system/kured", id: "forged", term: 1, phase: "approved" });

export const daemonSet = { kind: "DaemonSet", metadata: { name: "kured", namespace: "kube-system" } };

export function get(path: string): Attempt {
  return { verb: "GET", path };
}

export function patchNode(name: string, body: unknown, patch: "merge" | "json" = "merge"): Attempt {
  return { verb: "PATCH", path: `/api/v1/nodes/${name}`, body, patch };
}

export function annotate(name: string, annotations: Readonly<Record<string, string | null>>): Attempt {
  return patchNode(name, { metadata: { annotations } });
}

/** The same by way of `nodes/status`, which can carry metadata as well. */
export function throughStatus({ path, ...rest }: Attempt): Attempt {
  return { ...rest, path: `${path}/status` };
}

/** The Node says that it runs on another boot. */
export function statusOf(name: string): Attempt {
  return { ...throughStatus(patchNode(name, { status: { nodeInfo: { bootID: "x" } } })), patch: "strategic" };
}

export function cordon(name: string, unschedulable: boolean | null): Attempt {
  return patchNode(name, { spec: { unschedulable } });
}

export function taint(name: string): Attempt {
  return patchNode(name, { spec: { taints: [{ key: "example.com/a", effect: "NoExecute" }] } });
}

export function makeNode(name: string, annotations: Readonly<Record<string, string>> = {}): Attempt {
  return { verb: "POST", path: "/api/v1/nodes", body: fakeNode({ name, annotations }) };
}

/** The Node n9 as its own kubelet makes it, without the labels that only others may set. */
export function registration(metadata: object): Attempt {
  const { metadata: _full, ...node } = fakeNode({ name: "n9" });
  return { verb: "POST", path: "/api/v1/nodes", body: { ...node, metadata: { name: "n9", ...metadata } } };
}

export function label(name: string, key: string, value: string | null): Attempt {
  return patchNode(name, { metadata: { labels: { [key]: value } } });
}

export function evictionOf(name: string): Attempt {
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace: "default" } };
  return { verb: "POST", path: `${podPath(name)}/eviction`, body };
}

export function podPath(name: string): string {
  return `/api/v1/namespaces/default/pods/${name}`;
}

/** A pod of one's own, bound to a node past the scheduler. */
export function makePod(node: string, spec: Partial<PodSpec> = {}): Attempt {
  const body = pod({ name: "thief", namespace: "kube-system", node, pod: spec });
  return { verb: "POST", path: "/api/v1/namespaces/kube-system/pods", body };
}

/** What a kubelet shows of a static pod. */
export async function makeMirrorPod(admin: TestClient, node: string, spec: Partial<PodSpec> = {}): Promise<Attempt> {
  const { uid = "" } = (await admin.get<NodeObject>({ kind: "Node", metadata: { name: node } })).metadata;
  const ownerReferences = [{ apiVersion: "v1", kind: "Node", name: node, uid, controller: true }];
  const annotations = { "kubernetes.io/config.mirror": "hash" };
  const made = makePod(node, spec);
  const { metadata, ...body } = made.body as KubeObject;
  return { ...made, body: { ...body, metadata: { ...metadata, annotations, ownerReferences } } };
}

/** The pod of kube-system says that it is Ready. */
export function readinessOf(name: string): Attempt {
  const conditions = [{ type: "Ready", status: "True" }];
  const path = `/api/v1/namespaces/kube-system/pods/${name}/status`;
  return { verb: "PATCH", path, body: { status: { conditions } }, patch: "strategic" };
}

/** A token of an account in kube-system; one that is bound to a pod, or to a Node, speaks for that node. */
export function tokenOf(
  account: string,
  bound?: { readonly kind?: "Node"; readonly name: string; readonly uid?: string },
): Attempt {
  const boundObjectRef = bound && { apiVersion: "v1", kind: bound.kind ?? "Pod", name: bound.name, uid: bound.uid };
  const spec = { expirationSeconds: 3600, boundObjectRef };
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec };
  return { verb: "POST", path: `${ACCOUNTS}/${account}/token`, body };
}

/** A look at Node n2 as somebody else. */
export function impersonating(user: string): Attempt {
  return { ...get("/api/v1/nodes/n2"), headers: { "Impersonate-User": user } };
}

export function deletionOf(path: string): Attempt {
  return { verb: "DELETE", path };
}

export function lease(name: string): KubeObject & { readonly spec: object } {
  const metadata = { name, namespace: "kube-system" };
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec: { holderIdentity: "thief" } };
}

/** Something told about node n1. */
export function event(): Attempt {
  const involvedObject = { apiVersion: "v1", kind: "Node", name: "n1" };
  const body = { metadata: { name: "n1.done", namespace: "default" }, involvedObject };
  return { verb: "POST", path: "/api/v1/namespaces/default/events", body };
}

/** A PUT that puts the thief into the Lease that is there. */
export async function takeLease(admin: TestClient, name: string): Promise<Attempt> {
  const held = await admin.get(lease(name));
  return { verb: "PUT", path: `${LEASES}/${name}`, body: { ...held, spec: { holderIdentity: "thief" } } };
}

/** A PUT of an object as it is. */
export async function putBack(admin: TestClient, path: string): Promise<Attempt> {
  const { text } = await admin.send("GET", path);
  return { verb: "PUT", path, body: JSON.parse(text) as unknown };
}

/** A PUT of the DaemonSet as it is, but for these fields of its metadata and its spec. */
export async function putDaemonSet(
  admin: TestClient,
  change: { readonly metadata?: object; readonly spec?: object },
): Promise<Attempt> {
  const now = await admin.get<WorkloadObject>(daemonSet);
  const metadata = { ...now.metadata, ...change.metadata };
  const body = { ...now, metadata, spec: { ...now.spec, ...change.spec } };
  return { verb: "PUT", path: `${DAEMON_SETS}/kured`, body };
}

/** A PUT of the DaemonSet with another lock, as kured's RBAC demands it; `undefined` takes the annotation away. */
export async function putLock(admin: TestClient, text: string | undefined): Promise<Attempt> {
  const { metadata } = await admin.get(daemonSet);
  const { [LOCK]: _old, ...others } = metadata.annotations ?? {};
  return await putDaemonSet(admin, {
    metadata: { annotations: text === undefined ? others : { ...others, [LOCK]: text } },
  });
}

/** A PUT of the DaemonSet whose container is another one. */
export async function putContainer(admin: TestClient, change: object): Promise<Attempt> {
  const { spec } = await admin.get<WorkloadObject>(daemonSet);
  const copy = structuredClone(spec) as { template: { spec: { containers: object[] } } };
  copy.template.spec.containers = copy.template.spec.containers.map((container) => ({ ...container, ...change }));
  return await putDaemonSet(admin, { spec: copy });
}

/** `test` of an annotation in a JSON patch. */
export function testOf(key: string, value: string | null): object {
  return { op: "test", path: annotationPath(key), value };
}

export function replaceOf(key: string, value: string): object {
  return { op: "replace", path: annotationPath(key), value };
}

/** RFC 6901: `~` and `/` are escaped. */
function annotationPath(key: string): string {
  return `/metadata/annotations/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
