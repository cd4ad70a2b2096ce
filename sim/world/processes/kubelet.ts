import { isStarted } from "../../cluster/kubelets.ts";
import { nodeOf } from "../../cluster/scheduler.ts";
import { textAt } from "../../apiserver/objects/json.ts";
import { isTerminating } from "../../apiserver/objects/object.ts";
import type { KubeObject } from "../../apiserver/objects/object.ts";
import type { ApiServer } from "../../apiserver/server.ts";
import type { Machine } from "../hosts/machine.ts";
import type { Container, Role, Workplace } from "./container.ts";

/** What the kubelets look at, and how they start a container. */
export interface KubeletParts {
  readonly server: ApiServer;
  readonly machines: ReadonlyMap<string, Machine>;
  readonly create: (workplace: Workplace) => Container;
  /** Which daemon the DaemonSet's pods run. */
  readonly daemon: () => Role;
}

/** The label that says which of kured's Deployments a pod is of. */
export const coordinatorApp = "kured-coordinator";

/** All machines' kubelets, as far as kured's own pods go: one container for each pod that runs. */
export class Kubelets {
  readonly #parts: KubeletParts;
  /** By the pod's uid. */
  readonly #containers = new Map<string, Container>();
  /** The pods as they were looked at last; only a write to one of them asks for anything. */
  #seen: readonly KubeObject[] = [];

  constructor(parts: KubeletParts) {
    this.#parts = parts;
  }

  /** In the order in which their pods began. */
  get containers(): readonly Container[] {
    return [...this.#containers.values()];
  }

  serves({ metadata }: KubeObject): boolean {
    return this.#containers.get(metadata.uid)?.serves ?? true;
  }

  /** Starts, ends and removes what the pods of this instant ask for. */
  look(): void {
    const pods = this.#parts.server.objects("pods");
    if (pods === this.#seen) return;
    this.#seen = pods;
    const uids = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const [uid, container] of this.#containers) {
      if (!uids.has(uid)) this.#remove(uid, container);
    }
    for (const pod of pods) this.#lookAt(pod);
  }

  /** What a machine's power does to what runs on it. */
  power(machine: Machine): void {
    for (const [uid, container] of this.#containers) {
      if (container.workplace.machine !== machine.name) continue;
      if (machine.state === "stopping") container.terminate();
      else this.#remove(uid, container);
    }
  }

  #lookAt(pod: KubeObject): void {
    const role = this.#roleOf(pod);
    const machine = this.#parts.machines.get(nodeOf(pod));
    if (role === undefined || machine === undefined) return;
    const { name, uid } = pod.metadata;
    const known = this.#containers.get(uid);
    if (isTerminating(pod)) known?.terminate();
    else if (known === undefined && machine.state === "up" && isStarted(pod, machine.bootId))
      this.#containers.set(uid, this.#parts.create({ role, machine: machine.name, pod: { name, uid } }));
  }

  #remove(uid: string, container: Container): void {
    container.remove();
    this.#containers.delete(uid);
  }

  #roleOf(pod: KubeObject): Role | undefined {
    const labels = pod.metadata["labels"];
    if (textAt(labels, "app") === coordinatorApp) return "coordinator";
    return textAt(labels, "name") === "kured" ? this.#parts.daemon() : undefined;
  }
}
