import { ApiServer, type LoggedRequest } from "../../sim/apiserver/server.ts";
import { selfSigned } from "../../sim/apiserver/fronts/certificate.ts";
import type { Faults } from "../../sim/apiserver/fronts/fault.ts";
import { httpsFront, type HttpsFront } from "../../sim/apiserver/fronts/https.ts";
import { at, textAt } from "../../sim/apiserver/objects/json.ts";
import type { KubeObject } from "../../sim/apiserver/objects/object.ts";
import { Cluster } from "../../sim/cluster/cluster.ts";
import { machineClock } from "../../src/host/clock.ts";
import { machineRandom } from "../../src/host/random.ts";
import { createClient } from "../controlplane/client.ts";
import { freePort } from "../controlplane/cluster/component.ts";
import { startDaemon, type Daemon, type DaemonOptions } from "../controlplane/daemon.ts";
import { startHost, type HostOptions, type SimulatedHost } from "../controlplane/host.ts";
import { waitFor } from "../controlplane/waits.ts";
import { programUnderTest } from "./program.ts";

/** An in-memory cluster behind real HTTPS, simulated machines, and the artefact as processes on them. */
export interface Stand {
  readonly cluster: Cluster;
  readonly front: HttpsFront;
  readonly certificate: string;
  requests(): readonly LoggedRequest[];
  /** From now on requests meet these; none unless given. */
  meet(faults?: Faults): void;
  /** Takes the API server away, and brings it back on the same port with what it knew. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  node(name: string): KubeObject;
  annotate(path: string, annotations: Readonly<Record<string, string | null>>): void;
  host(node: string): SimulatedHost;
  startClassic(node: string, options?: StartOptions): Promise<Daemon>;
  startAgent(node: string, options?: StartOptions): Promise<Daemon>;
  startCoordinator(options?: StartOptions): Promise<Daemon>;
  /** Resolves when the node was rebooted and given back and the lock is free. */
  untilRebooted(node: string, options?: { readonly timeoutMs?: number }): Promise<void>;
  readonly signal: AbortSignal;
}

export interface StartOptions {
  readonly args?: readonly string[];
  readonly environment?: DaemonOptions["environment"];
}

export interface StandOptions {
  readonly nodes: readonly string[];
  readonly reboot?: HostOptions["reboot"];
  readonly signal: AbortSignal;
}

/** The DaemonSet's path. */
export const daemonSetPath = "/apis/apps/v1/namespaces/kube-system/daemonsets/kured";
const record = "kured.dev/maintenance";
const lockAnnotation = "weave.works/kured-node-lock";

/** Runs `work` on a stand of its own, and takes everything down again. */
export async function onStand(
  { nodes, reboot, signal }: StandOptions,
  work: (stand: Stand) => Promise<void>,
): Promise<void> {
  const end = new AbortController();
  const stops: (() => Promise<void>)[] = [];
  const clock = machineClock();
  const wallMs = () => clock.now().wallMs;
  const log: LoggedRequest[] = [];
  const server = new ApiServer({ clock: wallMs, random: machineRandom(), onRequest: (entry) => log.push(entry) });
  const timing = { podReadyAfterMs: 200, podStopsAfterMs: 200, nodeGraceMs: 60_000 };
  const cluster = new Cluster({ server, clock: wallMs, timing });
  const tls = selfSigned({ nowMs: wallMs() });
  let faults: Faults = () => undefined;
  const port = await freePort();
  const listen = () =>
    httpsFront(server, {
      tls,
      clock,
      port,
      authenticate: (token) => (token === undefined ? undefined : { name: token }),
      faults: (request) => faults(request),
    });
  let front = await listen();
  const credentials = { kind: "token", token: "test" } as const;
  const admin = createClient({ server: front.url, authority: tls.cert, credentials, signal });
  const hosts = new Map<string, SimulatedHost>();
  const daemons: Daemon[] = [];
  const addHost = async (name: string) => {
    const host = await startHost({ node: name, hasNode: false, admin, signal, ...(reboot && { reboot }) });
    hosts.set(name, host);
    stops.push(() => host.stop());
    return host;
  };
  const where = { port, pki: { authority: { certificate: tls.cert } } };
  const start = async (host: SimulatedHost, { args = [], environment = {} }: StartOptions, token: string) => {
    const metrics = ["--metrics-host=127.0.0.1", `--metrics-port=${await freePort()}`];
    const program = programUnderTest();
    const options = { host, cluster: where, program, token, restartAfterMs: 200, signal: end.signal };
    const daemon = await startDaemon({
      ...options,
      args: [...args.slice(0, 1), ...metrics, ...args.slice(1)],
      environment,
    });
    stops.push(() => daemon.stop());
    daemons.push(daemon);
    return daemon;
  };
  const hostOf = (node: string) => {
    const host = hosts.get(node);
    if (host === undefined) throw new Error(`There is no host ${node}`);
    return host;
  };
  const onNode = (host: SimulatedHost) => [
    "--reboot-sentinel=/var/run/reboot-required",
    `--reboot-command=${host.rebootCommand}`,
    "--period=10s",
  ];
  const stand: Stand = {
    cluster,
    get front() {
      return front;
    },
    certificate: tls.cert,
    requests: () => log,
    meet: (next) => {
      faults = next ?? (() => undefined);
    },
    goAway: () => front.close(),
    comeBack: async () => {
      front = await listen();
    },
    node: (name) => {
      const found = cluster.admin.get(`/api/v1/nodes/${name}`);
      if (found === undefined) throw new Error(`There is no Node ${name}`);
      return found;
    },
    annotate: (path, annotations) => void cluster.admin.merge(path, { metadata: { annotations } }),
    host: hostOf,
    startClassic: (node, options = {}) => {
      const host = hostOf(node);
      return start(host, { ...options, args: ["--ds-name=kured", ...onNode(host), ...(options.args ?? [])] }, node);
    },
    startAgent: (node, options = {}) => {
      const host = hostOf(node);
      const pod = cluster.podsOn(node).find((one) => textAt(one, "metadata", "labels", "name") === "kured");
      const environment = {
        KURED_POD_UID: pod?.metadata.uid,
        KURED_POD_NAME: pod?.metadata.name,
        ...options.environment,
      };
      return start(host, { environment, args: ["agent", ...onNode(host), ...(options.args ?? [])] }, node);
    },
    startCoordinator: async (options = {}) => {
      const host = await addHost("coordinator-1");
      const environment = { KURED_POD_NAME: "coordinator-1", ...options.environment };
      return await start(host, { environment, args: ["coordinator", ...(options.args ?? [])] }, "coordinator-1");
    },
    untilRebooted: async (node, { timeoutMs = 90_000 } = {}) => {
      const isDone = () => {
        const object = stand.node(node);
        const lock = textAt(cluster.admin.get(daemonSetPath), "metadata", "annotations", lockAnnotation);
        const given = at(object, "spec", "unschedulable") !== true && annotationOf(object, record) === undefined;
        return Promise.resolve(hostOf(node).boots() > 1 && given && lock === undefined);
      };
      await waitFor(`${node} to be rebooted and given back`, isDone, { signal, timeoutMs });
    },
    signal,
  };
  const beat = beating(cluster, { clock, signal: end.signal });
  try {
    cluster.addDaemonSet("kured", { namespace: "kube-system" });
    for (const name of nodes) {
      const host = await addHost(name);
      cluster.addNode(name, { bootId: await host.bootId() });
      // The kubelet's word; comes before the daemon's, which is started by the same event.
      host.onBoot(async () => cluster.powerOn(name, { bootId: await host.bootId() }));
    }
    await untilAgentsRun(cluster, { nodes, signal });
    await work(stand).catch(async (error: unknown) => {
      // What a person would look at first.
      for (const name of nodes) console.log(name, JSON.stringify(stand.node(name).metadata));
      for (const daemon of daemons) for (const { text } of daemon.lines().slice(-30)) console.log(text);
      throw error;
    });
  } finally {
    for (const stop of stops.toReversed()) await stop();
    end.abort(new Error("the stand is taken down"));
    await beat;
    admin.close();
    await front.close();
  }
}

/** An annotation's text. */
export function annotationOf(object: KubeObject, key: string): string | undefined {
  return textAt(object, "metadata", "annotations", key);
}

const stepEveryMs = 50;

async function beating(
  cluster: Cluster,
  { clock, signal }: { readonly clock: ReturnType<typeof machineClock>; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    cluster.step();
    await clock.sleep(stepEveryMs, { signal }).catch(() => undefined);
  }
}

async function untilAgentsRun(
  cluster: Cluster,
  { nodes, signal }: { readonly nodes: readonly string[]; readonly signal: AbortSignal },
): Promise<void> {
  const run = () => nodes.every((node) => cluster.podsOn(node).length > 0);
  await waitFor("the agents' pods", () => Promise.resolve(run()), { signal });
}
