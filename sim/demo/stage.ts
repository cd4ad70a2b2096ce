import { machineRandom } from "../../src/host/random.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { ApiServer } from "../apiserver/server.ts";
import { httpsFront } from "../apiserver/fronts/https.ts";
import { selfSigned } from "../apiserver/fronts/certificate.ts";
import { textAt } from "../apiserver/objects/json.ts";
import { Cluster } from "../cluster/cluster.ts";
import { startActor, type Actor } from "./actor.ts";
import { createMachine, type SimulatedMachine } from "./machine.ts";
import type { Voice } from "./voice.ts";
import { createUsers } from "./users.ts";

/** The embedded cluster with everything that runs in it, and what a person may do to it. */
export interface Stage {
  readonly cluster: Cluster;
  readonly nodes: readonly string[];
  machine(node: string): SimulatedMachine;
  /** An update on this machine leaves the sentinel behind. */
  needReboot(node: string): void;
  /** Closes the workload's budget, or opens it again; answers whether it is closed now. */
  toggleBudget(): boolean;
  /** Ends the leading coordinator without any farewell; another takes over when its Lease has run out. */
  killCoordinator(): string;
  stop(): Promise<void>;
}

const zones = ["a", "b", "c"];
const nodesPerZone = 4;
/** Shorter than in a real cluster, so that a killed coordinator is followed within a visit's patience. */
const leaseDuration = "6s";
const stepEveryMs = 50;
const installation = ["--ds-name=kured", "--ds-namespace=kube-system"];

/** Starts everything; resolves when the agents and coordinators have been started. */
export async function startStage({ clock, voice }: { readonly clock: Clock; readonly voice: Voice }): Promise<Stage> {
  const end = new AbortController();
  const random = machineRandom();
  const wallMs = () => clock.now().wallMs;
  const server = new ApiServer({ clock: wallMs, random });
  const timing = { podReadyAfterMs: 600, podStopsAfterMs: 400, nodeGraceMs: 700 };
  const cluster = new Cluster({ server, clock: wallMs, timing });
  const nodes = zones.flatMap((zone) => Array.from({ length: nodesPerZone }, (_, index) => `node-${zone}${index + 1}`));
  furnish(cluster, nodes);
  const tls = selfSigned({ nowMs: wallMs() });
  const users = createUsers();
  const front = await httpsFront(server, { tls, authenticate: users.authenticate, clock });
  const world = { clock, random, url: front.url, certificateAuthority: tls.cert, users, voice };
  const beat = beating(cluster, { clock, signal: end.signal });
  await clock.sleep(10 * stepEveryMs, { signal: end.signal });

  const machines = new Map(nodes.map((node) => [node, createMachine({ node, cluster, clock, signal: end.signal })]));
  const agents = nodes.map((node) => startAgentOn(node, { machines, cluster, world }));
  const coordinators = new Map<string, Actor>();
  for (const name of ["coordinator-1", "coordinator-2"]) coordinators.set(name, startCoordinator(name, world));
  let budgetClosed = false;
  return {
    cluster,
    nodes,
    machine: (node) => expectFound(machines.get(node), node),
    needReboot: (node) => machines.get(node)?.touchSentinel(),
    toggleBudget: () => {
      budgetClosed = !budgetClosed;
      setBudget(cluster, budgetClosed ? shopReplicas : shopReplicas - 2);
      return budgetClosed;
    },
    killCoordinator: () => {
      const [name = "nobody"] = leaderOf(cluster);
      coordinators.get(name)?.kill();
      coordinators.set(name, startCoordinator(name, world));
      return name;
    },
    stop: async () => {
      for (const actor of [...agents, ...coordinators.values()]) actor.stop();
      for (const actor of [...agents, ...coordinators.values()]) await actor.ended;
      end.abort(new Error("the demo is over"));
      await beat;
      await front.close();
    },
  };
}

const shopReplicas = 12;

function furnish(cluster: Cluster, nodes: readonly string[]): void {
  for (const node of nodes) cluster.addNode(node, { zone: `zone-${node.slice(5, 6)}`, room: 30 });
  cluster.addDaemonSet("kured", { namespace: "kube-system" });
  cluster.addWorkload("web", { replicas: shopReplicas, namespace: "shop", budget: { minAvailable: shopReplicas - 2 } });
  cluster.addWorkload("database", { replicas: 3, namespace: "shop", budget: { maxUnavailable: 1 } });
  cluster.addWorkload("batch", { replicas: 6, namespace: "jobs" });
}

function setBudget(cluster: Cluster, minAvailable: number): void {
  cluster.admin.merge("/apis/policy/v1/namespaces/shop/poddisruptionbudgets/web", { spec: { minAvailable } });
}

/** Lets the cluster's own controllers act every so often. */
async function beating(cluster: Cluster, { clock, signal }: { clock: Clock; signal: AbortSignal }): Promise<void> {
  while (!signal.aborted) {
    cluster.step();
    await clock.sleep(stepEveryMs, { signal }).catch(() => undefined);
  }
}

interface AgentParts {
  readonly machines: ReadonlyMap<string, SimulatedMachine>;
  readonly cluster: Cluster;
  readonly world: Omit<Parameters<typeof startActor>[0], "argv" | "env" | "machine" | "user">;
}

/** An agent that comes back with its machine, as a DaemonSet's pod does. */
function startAgentOn(node: string, { machines, cluster, world }: AgentParts): Actor {
  const machine = expectFound(machines.get(node), node);
  const pod = cluster.podsOn(node).find((one) => textAt(one, "metadata", "labels", "name") === "kured");
  return startActor({
    ...world,
    machine,
    user: `agent of ${node}`,
    argv: ["agent", ...installation, "--reboot-sentinel=/var/run/reboot-required", "--period=1m"],
    env: {
      KURED_NODE_ID: node,
      KURED_POD_UID: pod?.metadata.uid ?? "",
      KURED_POD_NAME: pod?.metadata.name ?? "",
      KURED_POD_NAMESPACE: "kube-system",
    },
  });
}

function startCoordinator(name: string, world: AgentParts["world"]): Actor {
  return startActor({
    ...world,
    user: name,
    argv: ["coordinator", ...installation, `--lease-duration=${leaseDuration}`],
    env: { KURED_POD_NAME: name, KURED_POD_NAMESPACE: "kube-system" },
  });
}

function leaderOf(cluster: Cluster): readonly string[] {
  const lease = cluster.admin.get("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kured");
  const holder = lease && textAt(lease, "spec", "holderIdentity");
  return holder === undefined || holder === "" ? [] : [holder];
}

function expectFound<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`There is no ${what}`);
  return value;
}
