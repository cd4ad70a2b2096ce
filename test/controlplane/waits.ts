import { setTimeout as sleep } from "node:timers/promises";
import { RequestRefused, type TestClient } from "./client.ts";
import { FAKE_NODE_ANNOTATION, type Condition, type NodeObject, type PodObject } from "./objects.ts";
import type { KubeObject } from "./resources.ts";

export interface WaitOptions {
  readonly signal: AbortSignal;
  /** 30 s unless given. */
  readonly timeoutMs?: number;
  /** Between an answer and the next question; 50 ms unless given. */
  readonly everyMs?: number;
}

/**
 * Asks again and again until the answer is neither `undefined` nor false, and resolves with it. Rejects with an Error
 * that says what was waited for, and with the last rejection of `ask` as its cause.
 */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  { signal, timeoutMs = 30_000, everyMs = 50 }: WaitOptions,
): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    let cause: unknown;
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > deadlineMs) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`, { cause });
    await sleep(everyMs, undefined, { signal });
  }
}

/** Creates objects one after the other. A namespace may be there already. */
export async function createAll(admin: TestClient, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) {
    await admin.create(object).catch((error: unknown) => {
      const isThere = error instanceof RequestRefused && error.status === 409;
      if (object.kind !== "Namespace" || !isThere) throw error;
    });
  }
}

/** Creates Nodes and resolves when each is Ready and pods can be scheduled on it. */
export async function createNodes(
  admin: TestClient,
  nodes: readonly NodeObject[],
  options: WaitOptions,
): Promise<void> {
  await Promise.all(nodes.map((node) => admin.create(node)));
  for (const { metadata } of nodes) await waitForNode(admin, { name: metadata.name, ready: true, ...options });
}

/** Resolves with the Node once it is Ready and without the taint of one that is not, or the opposite. */
export function waitForNode(
  admin: TestClient,
  { name, ready, ...options }: { readonly name: string; readonly ready: boolean } & WaitOptions,
): Promise<NodeObject> {
  return waitFor(
    `node ${name} to be ${ready ? "Ready" : "NotReady"}`,
    async () => {
      const node = await admin.get<NodeObject>({ kind: "Node", metadata: { name } });
      const tainted = node.spec?.taints?.some(({ key }) => key === "node.kubernetes.io/not-ready") ?? false;
      return isTrue(node.status?.conditions, "Ready") === ready && (!ready || !tainted) ? node : undefined;
    },
    options,
  );
}

export interface PodsWanted {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly node?: string;
  readonly count: number;
}

/** Resolves when exactly `count` pods match and all are Running, Ready, on a node and not about to go. */
export function waitForPods(
  admin: TestClient,
  { namespace = "default", labelSelector, node, count, ...options }: PodsWanted & WaitOptions,
): Promise<readonly PodObject[]> {
  const where = node === undefined ? "" : ` on ${node}`;
  return waitFor(
    `${count} running pods ${labelSelector ?? ""} in ${namespace}${where}`,
    async () => {
      const pods = await admin.list<PodObject>({
        kind: "Pod",
        namespace,
        ...(labelSelector === undefined ? {} : { labelSelector }),
        ...(node === undefined ? {} : { fieldSelector: `spec.nodeName=${node}` }),
      });
      return pods.length === count && pods.every(isRunning) ? pods : undefined;
    },
    options,
  );
}

/** The pod of a DaemonSet of `kuredInstallation` on one node, once it runs. */
export async function agentPod(
  admin: TestClient,
  options: { readonly node: string; readonly name?: string; readonly namespace?: string } & WaitOptions,
): Promise<PodObject> {
  const { node, name = "kured", namespace = "kube-system", ...wait } = options;
  const [pod] = await waitForPods(admin, { namespace, labelSelector: `name=${name}`, node, count: 1, ...wait });
  return pod as PodObject;
}

/** A token as the kubelet would give it to the agent's pod on that node: it carries the pod's and the node's name. */
export async function agentToken(
  admin: TestClient,
  options: { readonly node: string; readonly name?: string; readonly namespace?: string } & WaitOptions,
): Promise<string> {
  const { name = "kured", namespace = "kube-system" } = options;
  const { metadata } = await agentPod(admin, options);
  const pod = { name: metadata.name, uid: metadata.uid ?? "" };
  return admin.requestToken({ namespace, serviceAccount: name, pod });
}

/** The Node reports another kernel boot ID from now on, as after a reboot. */
export async function setBootId(
  admin: TestClient,
  { node, bootId }: { readonly node: string; readonly bootId: string },
): Promise<void> {
  const patch = { status: { nodeInfo: { bootID: bootId } } };
  await admin.patch({ kind: "Node", metadata: { name: node } }, patch, { type: "strategic", subresource: "status" });
}

/** Takes a fake Node from kwok's care and marks it NotReady, or gives it back, and resolves when it is so. */
export async function setNodeReady(
  admin: TestClient,
  { node: name, ready, ...options }: { readonly node: string; readonly ready: boolean } & WaitOptions,
): Promise<void> {
  const node = { kind: "Node", metadata: { name } };
  await admin.patch(node, { metadata: { annotations: { [FAKE_NODE_ANNOTATION]: ready ? "fake" : null } } });
  if (!ready) {
    const condition = { type: "Ready", status: "False", reason: "TestMadeItSo", message: "The test says so." };
    await admin.patch(node, { status: { conditions: [condition] } }, { type: "strategic", subresource: "status" });
  }
  await waitForNode(admin, { name, ready, ...options });
}

function isRunning({ metadata, status, spec }: PodObject): boolean {
  const settled = metadata.deletionTimestamp === undefined && spec.nodeName !== undefined;
  return settled && status?.phase === "Running" && isTrue(status.conditions, "Ready");
}

function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditions?.find((condition) => condition.type === type)?.status === "True";
}
