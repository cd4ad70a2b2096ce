import type { JsonObject } from "../apiserver/objects/json.ts";
import type { KubeObject } from "../apiserver/objects/object.ts";
import type { ApiServer } from "../apiserver/server.ts";
import { adminOf, podPath } from "./admin.ts";
import type { Admin } from "./admin.ts";
import { Attention } from "./attention.ts";
import { budgets } from "./budgets.ts";
import { kubelets } from "./kubelets.ts";
import { nodes } from "./nodes.ts";
import type { Machine } from "./power.ts";
import type { Timing } from "./scene.ts";
import { scheduler } from "./scheduler.ts";
import { nodeOf, SeenPods } from "./seen-pods.ts";
import { daemonSets, deployments } from "./workloads.ts";

/** The server that the cluster is around, and its time. */
export interface ClusterOptions {
  readonly server: ApiServer;
  /** Wall time in milliseconds; the same as the server's. */
  readonly clock: () => number;
  readonly timing?: Partial<Timing>;
  /** The uids of pods whose readiness probes would fail now, however long they have been up; none unless told. */
  readonly failing?: () => ReadonlySet<string>;
}

/** What differs from a small worker that is up. */
export interface NodeOptions {
  readonly zone?: string;
  readonly controlPlane?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** How many pods fit. */
  readonly room?: number;
  readonly bootId?: string;
}

/** How many pods, where, and what protects them. */
export interface WorkloadOptions {
  readonly replicas: number;
  readonly namespace?: string;
  /** A budget of the same name; a number of pods or a percentage. */
  readonly budget?: { readonly minAvailable: number | string } | { readonly maxUnavailable: number | string };
  /** Merged into the pods' spec. */
  readonly podSpec?: JsonObject;
}

/**
 * A cluster around an API server: Nodes with machines under them, workloads, and the controllers that keep them
 * going. It has no timers; whoever owns time calls `step` as often as things shall happen.
 */
export class Cluster {
  readonly server: ApiServer;
  readonly admin: Admin;
  readonly #clock: () => number;
  readonly #timing: Timing;
  readonly #failing: () => ReadonlySet<string>;
  readonly #pods: SeenPods;
  readonly #controllers = [nodes, daemonSets, deployments, scheduler, kubelets, budgets].map(
    (controller) => new Attention(controller),
  );
  /** Another map whenever a machine changes, so that the controllers see that. */
  #machines: ReadonlyMap<string, Machine> = new Map();

  constructor({ server, clock, timing, failing = () => new Set() }: ClusterOptions) {
    this.server = server;
    this.admin = adminOf(server);
    this.#clock = clock;
    this.#failing = failing;
    this.#pods = new SeenPods(server);
    this.#timing = { podReadyAfterMs: 2000, podStopsAfterMs: 500, nodeGraceMs: 5000, ...timing };
  }

  /** A Node, Ready at the next step, with a machine that is up. */
  addNode(name: string, options: NodeOptions = {}): KubeObject {
    const { zone, controlPlane = false, labels, annotations, room = 110, bootId = `${name}-boot-1` } = options;
    this.#setMachine(name, { kind: "up", bootId });
    return this.admin.create("/api/v1/nodes", {
      metadata: {
        name,
        labels: {
          "kubernetes.io/hostname": name,
          "kubernetes.io/os": "linux",
          ...(zone !== undefined && { "topology.kubernetes.io/zone": zone }),
          ...(controlPlane && { "node-role.kubernetes.io/control-plane": "" }),
          ...labels,
        },
        ...(annotations && { annotations }),
      },
      ...(controlPlane && {
        spec: { taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }] },
      }),
      status: { allocatable: { pods: String(room) }, capacity: { pods: String(room) }, nodeInfo: { bootID: bootId } },
    });
  }

  /** Takes a Node out of the cluster, and its machine and pods with it. */
  removeNode(name: string): void {
    this.#machines = new Map([...this.#machines].filter(([one]) => one !== name));
    this.admin.remove(`/api/v1/nodes/${name}`);
    for (const pod of this.podsOn(name)) this.admin.remove(podPath(pod));
  }

  /** A Deployment with pods labelled `app: <name>`, and a budget for them if wanted. */
  addWorkload(name: string, { replicas, namespace = "default", budget, podSpec }: WorkloadOptions): void {
    const selector = { matchLabels: { app: name } };
    const template = {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: "main", image: name }], ...podSpec },
    };
    this.#ensureNamespace(namespace);
    this.admin.create(`/apis/apps/v1/namespaces/${namespace}/deployments`, {
      metadata: { name },
      spec: { replicas, selector, template },
    });
    if (budget === undefined) return;
    this.admin.create(`/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`, {
      metadata: { name },
      spec: { ...budget, selector },
    });
  }

  /** A DaemonSet with pods labelled `name: <name>` on every Node. */
  addDaemonSet(
    name: string,
    {
      namespace = "default",
      annotations,
    }: { readonly namespace?: string; readonly annotations?: Readonly<Record<string, string>> } = {},
  ): KubeObject {
    const labels = { name };
    this.#ensureNamespace(namespace);
    return this.admin.create(`/apis/apps/v1/namespaces/${namespace}/daemonsets`, {
      metadata: { name, ...(annotations && { annotations }) },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name, image: name }], tolerations: [{ operator: "Exists" }] },
        },
      },
    });
  }

  /** The machine's power goes: its kubelet falls silent now. */
  powerOff(node: string): void {
    if (this.#machines.has(node)) this.#setMachine(node, { kind: "down", sinceMs: this.#clock() });
  }

  /** The machine is up, in this boot. */
  powerOn(node: string, { bootId }: { readonly bootId: string }): void {
    this.#setMachine(node, { kind: "up", bootId });
  }

  machine(node: string): Machine | undefined {
    return this.#machines.get(node);
  }

  podsOn(node: string): readonly KubeObject[] {
    return this.server.objects("pods").filter((pod) => nodeOf(pod) === node);
  }

  /** Lets every controller see what is now and act on it, until nothing changes at this instant. */
  step(): void {
    const scene = {
      server: this.server,
      admin: this.admin,
      machines: this.#machines,
      timing: this.#timing,
      pods: this.#pods,
      nowMs: this.#clock(),
    };
    for (let round = 0; round < 10; round += 1) {
      const before = this.server.resourceVersion;
      const failing = this.#failing();
      for (const controller of this.#controllers) controller.step({ ...scene, failing });
      if (this.server.resourceVersion === before) return;
    }
  }

  #setMachine(node: string, machine: Machine): void {
    this.#machines = new Map([...this.#machines, [node, machine]]);
  }

  #ensureNamespace(name: string): void {
    const path = `/api/v1/namespaces/${name}`;
    if (this.admin.get(path) === undefined) this.admin.create("/api/v1/namespaces", { metadata: { name } });
  }
}
