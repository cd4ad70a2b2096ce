import assert from "node:assert/strict";
import type { Cluster } from "../controlplane/cluster.ts";
import type { Daemon } from "../controlplane/daemon.ts";
import type { SimulatedHost } from "../controlplane/host.ts";
import type { FakeNodeOptions, NodeObject, PodSpec } from "../controlplane/objects.ts";
import { startProxy, type Proxy } from "../controlplane/proxy.ts";
import type { ProxiedRequest } from "../controlplane/proxy/requests.ts";
import { waitFor, waitForPods } from "../controlplane/waits.ts";
import { addWorkload, onSite, startAgent, startClassic, startCoordinator, type Site } from "./site.ts";
import { verdictOf, type Verdict } from "./told.ts";

/** How kured runs: one daemon that decides for its own node, or an agent beside a coordinator. */
export type Mode = "classic" | "coordinated";

export const modes: readonly Mode[] = ["classic", "coordinated"];

export interface OneNodeOptions {
  readonly cluster: Cluster;
  readonly mode: Mode;
  /** Of the case; the site is named after it and the mode. At most 20 characters. */
  readonly name: string;
  readonly signal: AbortSignal;
  /** Flags of whoever decides. */
  readonly flags?: readonly string[];
  /** How many nodes there are beside the one that kured runs on; none unless given. */
  readonly others?: number;
  readonly node?: FakeNodeOptions;
  /** Which writes count for the proxies, so that one can be held; all unless given. */
  readonly counts?: (request: ProxiedRequest) => boolean;
}

/** A site on which kured looks after one node, in either mode, and every process behind a proxy of its own. */
export interface OneNode {
  readonly site: Site;
  readonly node: string;
  readonly host: SimulatedHost;
  /** Nodes of the site without a daemon. */
  readonly others: readonly string[];
  /** Who decides about the node, and between it and the API server. */
  readonly decider: Daemon;
  readonly deciderProxy: Proxy;
  /** Who reboots it; in classic the same as the decider. */
  readonly agentProxy: Proxy;
  readNode(): Promise<NodeObject>;
  /** The record's phase; `undefined` without a record, `unreadable` where it is none. */
  phase(): Promise<string | undefined>;
}

/** Sets one up, with kured not started before `prepare` is done, and takes it down when `work` is done. */
export async function onOneNode(
  { cluster, mode, name, signal, others = 0, node: nodeOptions, ...options }: OneNodeOptions,
  { prepare, work }: { prepare?: (site: Site, node: string) => Promise<void>; work: (one: OneNode) => Promise<void> },
): Promise<void> {
  const siteName = `${name}-${mode === "classic" ? "cl" : "co"}`;
  const first = nodeOptions ?? {};
  const site = { cluster, name: siteName, nodes: 1 + others, signal, node: (i: number) => (i === 0 ? first : {}) };
  await onSite(site, async (made) => {
    const [node = "", ...rest] = made.nodes;
    await prepare?.(made, node);
    const started = mode === "classic" ? await classic(made, node, options) : await coordinated(made, node, options);
    await work({
      site: made,
      node,
      host: made.host(node),
      others: rest,
      ...started,
      readNode: () => made.readNode(node),
      phase: () => phaseOf(made, node),
    });
  });
}

type Started = Pick<OneNode, "decider" | "deciderProxy" | "agentProxy">;
type StartOptions = Pick<OneNodeOptions, "flags" | "counts">;

async function classic(site: Site, node: string, { flags = [], counts }: StartOptions): Promise<Started> {
  const proxy = await proxyFor(site, counts);
  // Long enough for what was given up to rest until the case has looked at it.
  const args = ["--period=60s", ...flags];
  const decider = await startClassic(site, { node, args, daemon: { port: proxy.port } });
  return { decider, deciderProxy: proxy, agentProxy: proxy };
}

async function coordinated(site: Site, node: string, { flags = [], counts }: StartOptions): Promise<Started> {
  const deciderProxy = await proxyFor(site, counts);
  const agentProxy = await proxyFor(site, counts);
  // These cases are about drains that stand still, which would not be begun otherwise.
  const args = ["--drain-feasibility=warn", ...flags];
  const decider = await startCoordinator(site, { args, daemon: { port: deciderProxy.port } });
  await startAgent(site, { node, daemon: { port: agentProxy.port } });
  return { decider, deciderProxy, agentProxy };
}

async function proxyFor(site: Site, counts: StartOptions["counts"]): Promise<Proxy> {
  const nodeSelector = `site=${site.name}`;
  const proxy = await startProxy({ cluster: site.cluster, nodeSelector, ...(counts && { counts }) });
  site.atEnd(() => proxy.stop());
  return proxy;
}

/** Of the record as it stands on the Node. */
export async function phaseOf(site: Site, node: string): Promise<string | undefined> {
  const text = (await site.readNode(node)).metadata.annotations?.["kured.dev/maintenance"];
  if (text === undefined) return undefined;
  try {
    return (JSON.parse(text) as { readonly phase: string }).phase;
  } catch {
    return "unreadable";
  }
}

/** Many sites at once would keep the API server busy with our own questions. */
const everyMs = 200;

/** Waits until the record is in this phase. */
export async function untilPhase({ site, node, phase }: OneNode, wanted: string | undefined): Promise<void> {
  const what = `${node} to be ${wanted === undefined ? "without a record" : `in the phase ${wanted}`}`;
  await waitFor(what, async () => (await phase()) === wanted, { signal: site.signal, timeoutMs: 45_000, everyMs });
}

/** Waits until a node's verdict is of this code, and answers all its sentences in one text. */
export async function untilVerdict(
  { site, node }: Pick<OneNode, "site" | "node">,
  code: string,
  { says = /^/, timeoutMs = 30_000 }: { readonly says?: RegExp; readonly timeoutMs?: number } = {},
): Promise<string> {
  let last: Verdict | undefined;
  const asked = async () => {
    last = await verdictOf(site, node);
    return last?.code === code && says.test(last.sentences.join(" ")) && last;
  };
  const found = await waitFor(`the verdict ${code} of ${node}`, asked, {
    signal: site.signal,
    timeoutMs,
    everyMs,
  }).catch((cause: unknown) => {
    throw new Error(`The verdict of ${node} is ${JSON.stringify(last)} and not ${code} that says ${says.source}`, {
      cause,
    });
  });
  return found.sentences.join(" ");
}

/** Waits until the node is rebooted and given back, whatever its cordon: without a record, and nobody in the lock. */
export async function untilOver({ site, host, node, phase }: OneNode, { boots = 2 } = {}): Promise<void> {
  await waitFor(
    `${node} to be rebooted and done with`,
    async () => host.boots() === boots && (await phase()) === undefined && (await site.readLock()) === undefined,
    { signal: site.signal, timeoutMs: 40_000, everyMs },
  );
}

/** Nothing was rebooted, and nothing was even tried. */
export async function assertNoReboot({ host, node }: Pick<OneNode, "host" | "node">): Promise<void> {
  assert.deepEqual(await host.reboots(), [], `calls of the reboot command on ${node}`);
  assert.equal(host.boots(), 1, `boots of ${node}`);
}

/** The node was rebooted, by one call of its reboot command. */
export async function assertOneReboot({ host, node }: Pick<OneNode, "host" | "node">): Promise<void> {
  assert.equal((await host.reboots()).length, 1, `calls of the reboot command on ${node}`);
  assert.equal(host.boots(), 2, `boots of ${node}`);
}

/** A pod on this node that its budget does not let go. */
export async function blockDrain(site: Site, node: string, spec: Partial<PodSpec> = {}): Promise<void> {
  const pod = { ...spec, nodeSelector: { "kubernetes.io/hostname": node } };
  await addWorkload(site, { name: stuck(node), replicas: 1, pod, budget: { minAvailable: 1 } });
}

/** Lets that pod go. */
export async function openBudget(site: Site, node: string): Promise<void> {
  await site.cluster.admin.delete({
    kind: "PodDisruptionBudget",
    metadata: { name: stuck(node), namespace: site.name },
  });
}

/** The uid of the pod that its budget holds on the node; rejects when it is not there alone. */
export async function stuckPod(site: Site, node: string): Promise<string | undefined> {
  const labelSelector = `app=${stuck(node)}`;
  const options = { namespace: site.name, labelSelector, node, count: 1, signal: site.signal, timeoutMs: 1_000 };
  return (await waitForPods(site.cluster.admin, options))[0]?.metadata.uid;
}

function stuck(node: string): string {
  return `stuck-${node}`;
}

/** Kubernetes's own words for a cordon by a person: `kubectl cordon` and `kubectl uncordon` send this. */
export async function setCordon({ site, node }: Pick<OneNode, "site" | "node">, cordoned: boolean): Promise<void> {
  const spec = { unschedulable: cordoned ? true : null };
  await site.cluster.admin.patch({ kind: "Node", metadata: { name: node } }, { spec }, { type: "strategic" });
}

/** Waits until the drain of the node stands still at that pod. */
export async function untilDrainStands(one: OneNode): Promise<void> {
  await untilVerdict(one, "DrainBlocked");
}
