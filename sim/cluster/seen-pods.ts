import { at, listAt, textAt } from "../apiserver/objects/json.ts";
import { isTerminating, keyOf } from "../apiserver/objects/object.ts";
import type { KubeObject } from "../apiserver/objects/object.ts";
import type { ApiServer } from "../apiserver/server.ts";
import { conditionStatus } from "./conditions.ts";
import type { Machine } from "./power.ts";

/** What controllers go by of one state of a pod: read once, and not by each of them at each step. */
export interface SeenPod {
  readonly pod: KubeObject;
  readonly key: string;
  /** Empty while it is bound to none. */
  readonly node: string;
  /** As `ownerUid` says. */
  readonly owner: string;
  readonly terminating: boolean;
  readonly finished: boolean;
  /** What its Ready condition says. */
  readonly ready: boolean;
  /** The machine whose kubelet has nothing more to do for this state of it, whatever the time is. */
  settledOn?: Machine;
}

/** All pods of a server as controllers see them. Of a fleet of pods few change from one step to the next. */
export class SeenPods {
  readonly #server: ApiServer;
  #list: readonly KubeObject[] = [];
  #seen: readonly SeenPod[] = [];
  #byOwner: ReadonlyMap<string, readonly SeenPod[]> | undefined;

  constructor(server: ApiServer) {
    this.#server = server;
  }

  /** In the order of their keys; the very same list until a pod is written. */
  all(): readonly SeenPod[] {
    const list = this.#server.objects("pods");
    if (list !== this.#list) {
      this.#seen = seenIn(list, this.#seen);
      this.#list = list;
      this.#byOwner = undefined;
    }
    return this.#seen;
  }

  /** Those whose controller has this uid, in the same order. */
  of({ metadata: { uid } }: KubeObject): readonly SeenPod[] {
    const all = this.all();
    this.#byOwner ??= Map.groupBy(all, ({ owner }) => owner);
    return this.#byOwner.get(uid) ?? [];
  }
}

/** Both lists are in the order of keys. */
function seenIn(list: readonly KubeObject[], before: readonly SeenPod[]): readonly SeenPod[] {
  let next = 0;
  return list.map((pod) => {
    let known = before[next];
    if (known?.pod !== pod) {
      const key = keyOf(pod);
      for (; known !== undefined && known.key < key; known = before[next]) next += 1;
    }
    if (known?.pod !== pod) return seen(pod);
    next += 1;
    return known;
  });
}

function seen(pod: KubeObject): SeenPod {
  return {
    pod,
    key: keyOf(pod),
    node: nodeOf(pod),
    owner: ownerUid(pod),
    terminating: isTerminating(pod),
    finished: isFinished(pod),
    ready: conditionStatus(pod, "Ready") === "True",
  };
}

/** The uid of whoever controls an object; its own when nobody does. */
export function ownerUid(object: KubeObject): string {
  const owner = listAt(object, "metadata", "ownerReferences").find((one) => at(one, "controller") === true);
  return textAt(owner, "uid") ?? object.metadata.uid;
}

/** The Node that a pod is bound to; empty while there is none. */
export function nodeOf(pod: KubeObject): string {
  return textAt(pod, "spec", "nodeName") ?? "";
}

/** Whether a pod has run to its end. */
export function isFinished(pod: KubeObject): boolean {
  const phase = at(pod, "status", "phase");
  return phase === "Succeeded" || phase === "Failed";
}
