import { isAbsolute, resolve } from "node:path";
import type { Cluster } from "../controlplane/cluster.ts";
import { startDaemon, type Daemon, type DaemonOptions } from "../controlplane/daemon.ts";
import { startHost, type HostOptions, type SimulatedHost } from "../controlplane/host.ts";
import { kuredInstallation } from "../controlplane/kured.ts";
import {
  deployment,
  disruptionBudget,
  fakeNode,
  type NodeObject,
  type BudgetOptions,
  type FakeNodeOptions,
  type WorkloadOptions,
} from "../controlplane/objects.ts";
import { freePort } from "../controlplane/cluster/component.ts";
import { startProxy, type Proxy, type ProxyOptions } from "../controlplane/proxy.ts";
import { agentPod, agentToken, createAll, createNodes, waitForPods } from "../controlplane/waits.ts";
import { stoppingAfterwards, type Stops } from "./afterwards.ts";
import { coordinatedRights } from "./rights.ts";

/** The program under test: any kured-compatible binary, by path (`KURED_BIN`); our own build unless given. */
export function programUnderTest(): string {
  const given = process.env["KURED_BIN"] ?? "dist/kured";
  return isAbsolute(given) ? given : resolve(given);
}

/**
 * A part of a cluster that belongs to one case: nodes, workloads and an installation of kured of its own, so that
 * many cases can run side by side on one control plane.
 */
export interface Site {
  readonly cluster: Cluster;
  /** Of its namespace and its DaemonSet, and the prefix of its nodes. */
  readonly name: string;
  readonly nodes: readonly string[];
  readonly hosts: ReadonlyMap<string, SimulatedHost>;
  host(node: string): SimulatedHost;
  readNode(node: string): Promise<NodeObject>;
  /** The DaemonSet's lock annotation, parsed or as text; `undefined` while it is free. */
  readLock(): Promise<string | undefined>;
  annotateDaemonSet(annotations: Readonly<Record<string, string | null>>): Promise<void>;
  annotateNode(node: string, annotations: Readonly<Record<string, string | null>>): Promise<void>;
  /** Gives the accounts what coordinated mode needs beyond kured's own rights; what is classic has only those. */
  grantCoordination(): Promise<void>;
  /** Something to be told when the case ends, the last first. */
  atEnd(stop: () => Promise<void>): void;
  readonly signal: AbortSignal;
}

export interface SiteOptions {
  readonly cluster: Cluster;
  readonly name: string;
  readonly signal: AbortSignal;
  /** How many nodes; three unless given. */
  readonly nodes?: number;
  readonly node?: (index: number) => FakeNodeOptions;
  readonly host?: Partial<Omit<HostOptions, "node" | "admin" | "signal">>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Runs `work` on a site of its own and takes everything down again that runs, and its Nodes; other objects stay in the
 * cluster. A coordinator has all Nodes of the cluster in view: where two cases with one run at the same time, or one
 * beside cases that cordon, it needs a `siteProxy`.
 */
export async function onSite(options: SiteOptions, work: (site: Site) => Promise<void>): Promise<void> {
  await stoppingAfterwards(async (stops) => await work(await makeSite(options, stops)));
}

async function makeSite(options: SiteOptions, stops: Stops): Promise<Site> {
  const { cluster, name, signal, nodes: count = 3, node = () => ({}), host = {}, annotations = {} } = options;
  const { admin } = cluster;
  const nodes = Array.from({ length: count }, (_, index) => `${name}-n${index + 1}`);
  const labels = { site: name };
  const objects = nodes.map((nodeName, index) => fakeNode({ name: nodeName, ...node(index), labels }));
  await createNodes(admin, objects, { signal });
  await createAll(admin, kuredInstallation({ name, namespace: name, nodeSelector: labels, annotations }));
  // Nodes that stayed behind would count against every coordinator that comes later.
  stops.push(async () => void (await Promise.all(objects.map((node) => admin.delete(node)))));
  const hosts = new Map<string, SimulatedHost>();
  let coordinated: Promise<void> | undefined;
  for (const nodeName of nodes) {
    const started = await startHost({ node: nodeName, admin, signal, ...host });
    hosts.set(nodeName, started);
    stops.push(() => started.stop());
  }
  const daemonSet = { kind: "DaemonSet", metadata: { name, namespace: name } };
  return {
    cluster,
    name,
    nodes,
    hosts,
    signal,
    host: (nodeName) => {
      const found = hosts.get(nodeName);
      if (found === undefined) throw new Error(`There is no host ${nodeName}`);
      return found;
    },
    readNode: (nodeName) => admin.get<NodeObject>({ kind: "Node", metadata: { name: nodeName } }),
    readLock: async () => (await admin.get(daemonSet)).metadata.annotations?.["weave.works/kured-node-lock"],
    annotateDaemonSet: async (changes) => {
      await admin.patch(daemonSet, { metadata: { annotations: changes } });
    },
    annotateNode: async (nodeName, changes) => {
      await admin.patch({ kind: "Node", metadata: { name: nodeName } }, { metadata: { annotations: changes } });
    },
    grantCoordination: () => (coordinated ??= createAll(admin, coordinatedRights(name))),
    atEnd: (stop) => void stops.push(stop),
  };
}

/** What a classic daemon is started with beside kured's flags. */
export interface ClassicOptions {
  readonly node: string;
  readonly args?: readonly string[];
  readonly daemon?: Partial<DaemonOptions>;
}

/** A classic daemon on one node, with kured's documented flags only, under a token of its pod. */
export async function startClassic(site: Site, { node, args = [], daemon = {} }: ClassicOptions): Promise<Daemon> {
  const host = site.host(node);
  const token = await agentToken(site.cluster.admin, {
    node,
    name: site.name,
    namespace: site.name,
    signal: site.signal,
  });
  const started = await startDaemon({
    host,
    cluster: site.cluster,
    program: programUnderTest(),
    args: [
      `--ds-name=${site.name}`,
      `--ds-namespace=${site.name}`,
      "--reboot-sentinel=/var/run/reboot-required",
      `--reboot-command=${host.rebootCommand}`,
      "--period=10s",
      ...(await metricsFlags()),
      ...args,
    ],
    token,
    restartAfterMs: 200,
    signal: site.signal,
    ...daemon,
  });
  site.atEnd(() => started.stop());
  return started;
}

/** An agent on one node, under a token of its pod. */
export async function startAgent(site: Site, { node, args = [], daemon = {} }: ClassicOptions): Promise<Daemon> {
  const { admin } = site.cluster;
  const { name, signal } = site;
  const host = site.host(node);
  await site.grantCoordination();
  const pod = await agentPod(admin, { node, name, namespace: name, signal });
  const started = await startDaemon({
    host,
    cluster: site.cluster,
    program: programUnderTest(),
    args: [
      "agent",
      `--ds-name=${name}`,
      `--ds-namespace=${name}`,
      "--reboot-sentinel=/var/run/reboot-required",
      `--reboot-command=${host.rebootCommand}`,
      ...(await metricsFlags()),
      ...args,
    ],
    token: await agentToken(admin, { node, name, namespace: name, signal }),
    restartAfterMs: 200,
    signal,
    ...daemon,
    environment: {
      KURED_POD_UID: pod.metadata.uid,
      KURED_POD_NAME: pod.metadata.name,
      KURED_POD_NAMESPACE: name,
      ...daemon.environment,
    },
  });
  site.atEnd(() => started.stop());
  return started;
}

/** A coordinator; it runs on a machine of its own that is none of the site's nodes. */
export async function startCoordinator(
  site: Site,
  { identity = "coordinator-1", args = [], daemon = {} }: Partial<ClassicOptions> & { readonly identity?: string } = {},
): Promise<Daemon> {
  const { admin } = site.cluster;
  const { name, signal } = site;
  await site.grantCoordination();
  const machine = await startHost({ node: `${name}-${identity}`, hasNode: false, admin, signal });
  site.atEnd(() => machine.stop());
  const started = await startDaemon({
    host: machine,
    cluster: site.cluster,
    program: programUnderTest(),
    args: ["coordinator", `--ds-name=${name}`, `--ds-namespace=${name}`, ...(await metricsFlags()), ...args],
    token: await admin.requestToken({ namespace: name, serviceAccount: `${name}-coordinator` }),
    restartAfterMs: 200,
    signal,
    ...daemon,
    environment: { KURED_POD_NAME: identity, KURED_POD_NAMESPACE: name, ...daemon.environment },
  });
  site.atEnd(() => started.stop());
  return started;
}

/**
 * A proxy through which a coordinator sees the nodes of this site and no other, so that cases with one may run side by
 * side. `counts` says which requests `holdWrite` counts.
 */
export async function siteProxy(site: Site, { counts }: Pick<ProxyOptions, "counts"> = {}): Promise<Proxy> {
  const { cluster, name } = site;
  const proxy = await startProxy({ cluster, nodeSelector: `site=${name}`, ...(counts && { counts }) });
  site.atEnd(() => proxy.stop());
  return proxy;
}

async function metricsFlags(): Promise<readonly string[]> {
  return ["--metrics-host=127.0.0.1", `--metrics-port=${await freePort()}`];
}

/** A Deployment whose pods run on the site's nodes only, and its budget. */
export async function addWorkload(
  site: Site,
  { budget, ...options }: WorkloadOptions & { readonly budget?: BudgetOptions },
): Promise<void> {
  const { admin } = site.cluster;
  const name = options.name ?? "web";
  const namespace = site.name;
  const pod = { nodeSelector: { site: site.name }, ...options.pod };
  await createAll(admin, [
    deployment({ ...options, name, namespace, pod }),
    ...(budget ? [disruptionBudget({ name, namespace, ...budget })] : []),
  ]);
  await waitForPods(admin, {
    namespace,
    labelSelector: `app=${name}`,
    count: options.replicas ?? 2,
    signal: site.signal,
  });
}
