import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { createInterface } from "node:readline";
import { once } from "node:events";
import type { Cluster } from "../controlplane/cluster.ts";
import type { NodeObject, PodObject } from "../controlplane/objects.ts";
import type { KubeObject } from "../controlplane/resources.ts";
import type { Site } from "./site.ts";

/** One change of one object, as a watch told it. */
interface Change {
  /** The cluster's revision: it orders changes of all kinds, because one etcd counts them. */
  readonly version: number;
  /** When the line was read, in ms since 1970. */
  readonly atMs: number;
  readonly gone: boolean;
  readonly object: KubeObject;
}

/** The site between one change and the next. None is missing, since a watch leaves nothing out. */
export interface Moment {
  /** When we read of the change that made it so, in ms since 1970. */
  readonly atMs: number;
  /** `Node five-n1`, for example: what changed. */
  readonly changed: string;
  readonly nodes: ReadonlyMap<string, NodeState>;
  /** Nodes in the lock annotation. */
  readonly holders: readonly string[];
  readonly pods: readonly PodState[];
}

export interface NodeState {
  readonly ready: boolean;
  readonly cordoned: boolean;
  readonly bootId: string;
  /** Of the record; `undefined` without one. */
  readonly phase: string | undefined;
  /** Of the record, once it is closing. */
  readonly outcome: string | undefined;
  /** Code of the verdict that is written on the Node. */
  readonly verdict: string | undefined;
  /** From the agent's report, as it stands there. */
  readonly report: { readonly boot: string; readonly need: string; readonly commanded: boolean } | undefined;
}

export interface PodState {
  readonly name: string;
  readonly uid: string;
  /** Its label `app`. */
  readonly app: string | undefined;
  readonly node: string | undefined;
  /** Counted by a disruption budget: Ready and not about to go. */
  readonly healthy: boolean;
}

export interface Observation {
  /** Everything so far, in the order in which it happened. Throws when a watch has ended too early. */
  moments(): readonly Moment[];
  stop(): void;
}

/**
 * Watches the site's Nodes, pods and DaemonSet from now on, so that what must never be is looked for at every instant.
 */
export async function observe(site: Site): Promise<Observation> {
  const { cluster, name } = site;
  const changes: Change[] = [];
  const ending = new AbortController();
  let failure: unknown;
  const failed = (error: unknown) => {
    if (!ending.signal.aborted) failure ??= error;
  };
  site.atEnd(() => Promise.resolve(ending.abort()));
  const paths = [
    `/api/v1/nodes?labelSelector=${encodeURIComponent(`site=${name}`)}`,
    `/api/v1/namespaces/${name}/pods?`,
    `/apis/apps/v1/namespaces/${name}/daemonsets?`,
  ];
  const begun = paths.map((path) =>
    watchPath(`${path}&watch=1`, { cluster, signal: ending.signal, told: (change) => changes.push(change), failed }),
  );
  await Promise.all(begun);
  return {
    moments: () => {
      if (failure !== undefined) throw new Error("A watch of the test's own has ended", { cause: failure });
      return momentsOf(changes.toSorted((one, other) => one.version - other.version));
    },
    stop: () => ending.abort(),
  };
}

interface WatchOptions {
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
  readonly told: (change: Change) => void;
  readonly failed: (error: unknown) => void;
}

/** Resolves when the server has begun to answer. */
async function watchPath(path: string, { cluster, signal, told, failed }: WatchOptions): Promise<void> {
  const { authority, admin } = cluster.pki;
  const options = { ca: authority.certificate, cert: admin.certificate, key: admin.key, agent: false, signal };
  const asked = request(`${cluster.server}${path}`, options).on("error", failed).end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  if (answer.statusCode !== 200) throw new Error(`GET ${path}: ${answer.statusCode}`);
  const lines = createInterface({ input: answer.on("error", failed) }).on("error", failed);
  lines.on("line", (line) => {
    const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: KubeObject };
    const version = Number(object.metadata.resourceVersion);
    if (type === "ERROR") failed(new Error(line));
    else told({ version, atMs: Date.now(), gone: type === "DELETED", object });
  });
  lines.on("close", () => failed(new Error(`The watch of ${path} has ended`)));
}

function momentsOf(changes: readonly Change[]): readonly Moment[] {
  const nodes = new Map<string, NodeState>();
  const pods = new Map<string, PodState>();
  let holders: readonly string[] = [];
  return changes.map(({ atMs, gone, object }) => {
    const { name, uid = "" } = object.metadata;
    if (object.kind === "Node") {
      if (gone) nodes.delete(name);
      else nodes.set(name, nodeState(object as NodeObject));
    } else if (object.kind === "Pod") {
      if (gone) pods.delete(uid);
      else pods.set(uid, podState(object as PodObject));
    } else {
      holders = gone ? [] : holdersOf(object.metadata.annotations?.["weave.works/kured-node-lock"]);
    }
    return { atMs, changed: `${object.kind} ${name}`, nodes: new Map(nodes), holders, pods: [...pods.values()] };
  });
}

function nodeState({ metadata, spec, status }: NodeObject): NodeState {
  const { annotations = {} } = metadata;
  const record = parse<{ phase: string; outcome?: string }>(annotations["kured.dev/maintenance"]);
  const report = parse<{ boot: string; need: string; commanded?: object }>(annotations["kured.dev/report"]);
  return {
    ready: status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false,
    cordoned: spec?.unschedulable === true,
    bootId: status?.nodeInfo?.["bootID"] ?? "",
    phase: record?.phase,
    outcome: record?.outcome,
    verdict: parse<{ code: string }>(annotations["kured.dev/verdict"])?.code,
    report: report && { boot: report.boot, need: report.need, commanded: report.commanded !== undefined },
  };
}

function podState({ metadata, spec, status }: PodObject): PodState {
  const ready = status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
  return {
    name: metadata.name,
    uid: metadata.uid ?? "",
    app: metadata.labels?.["app"],
    node: spec.nodeName,
    healthy: ready && metadata.deletionTimestamp === undefined,
  };
}

/** Of either of kured's formats. */
function holdersOf(text: string | undefined): readonly string[] {
  const lock = parse<{ nodeID?: string; locks?: readonly { nodeID: string }[] }>(text);
  if (lock?.locks !== undefined) return lock.locks.map(({ nodeID }) => nodeID);
  return lock?.nodeID === undefined ? [] : [lock.nodeID];
}

function parse<T>(text: string | undefined): T | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as T);
}
