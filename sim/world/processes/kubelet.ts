import { isStarted } from "../../cluster/kubelets.ts";
import { nodeOf } from "../../cluster/seen-pods.ts";
import { textAt } from "../../apiserver/objects/json.ts";
import { isTerminating } from "../../apiserver/objects/object.ts";
import type { KubeObject } from "../../apiserver/objects/object.ts";
import { remembered } from "../../apiserver/objects/remembered.ts";
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

  /** The uids of the pods whose readiness probes would fail now. */
  get failing(): ReadonlySet<string> {
    return new Set([...this.#containers].flatMap(([uid, container]) => (container.serves ? [] : [uid])));
  }

  /** Starts, ends and removes what the pods of this instant ask for. */
  look(): void {
    const all = this.#parts.server.objects("pods");
    if (all === this.#seen) return;
    this.#seen = all;
    const pods = all.filter(isOfKured);
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
    if (isOfCoordinator(pod)) return "coordinator";
    return isOfKured(pod) ? this.#parts.daemon() : undefined;
  }
}

/** Thousands of others are asked for each write of one. */
const isOfKured = remembered((pod: KubeObject) => isOfCoordinator(pod) || labelOf(pod, "name") === "kured");

function isOfCoordinator(pod: KubeObject): boolean {
  return labelOf(pod, "app") === coordinatorApp;
}

function labelOf({ metadata }: KubeObject, name: string): string | undefined {
  return textAt(metadata["labels"], name);
}
