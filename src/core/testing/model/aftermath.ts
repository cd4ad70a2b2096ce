import type { PodFacts } from "../../drain/pod.ts";
import type { Timeline } from "./timeline.ts";

/** How long that lasts which those pods leave behind that were there from the beginning; no time where it is absent. */
export interface AftermathSpec {
  /** Until a volume of a pod that went is detached. */
  readonly detachMs: number;
  /** Until a pod that went has been replaced. */
  readonly readyMs: number;
}

/** What makes the n-th pod of a node one that leaves something behind. */
export function leaving(node: string, index: number): Partial<PodFacts> {
  const controller = { apiVersion: "apps/v1", kind: "ReplicaSet", name: `web-of-${node}`, uid: node };
  return { controller, claims: [`${node}-${index}`] };
}

/** What is left behind by pods that went: volumes that are still attached, and owners that lack a replica. */
export class Aftermath {
  spec: AftermathSpec = { detachMs: 0, readyMs: 0 };
  readonly #timeline: Timeline;
  readonly #volumes = new Map<string, Set<string>>();
  readonly #missing = new Map<string, number>();

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  went({ nodeName, claims = [], controller }: PodFacts): void {
    const volumes = this.#volumes.get(nodeName) ?? new Set();
    this.#volumes.set(nodeName, volumes);
    for (const claim of claims) volumes.add(claim);
    this.#timeline.after(this.spec.detachMs, () => {
      for (const claim of claims) volumes.delete(claim);
    });
    const owner = controller?.name ?? "";
    this.#missing.set(owner, this.missing(owner) + 1);
    this.#timeline.after(this.spec.readyMs, () => void this.#missing.set(owner, this.missing(owner) - 1));
  }

  /** The volumes on a node of pods that went. */
  attached(node: string): readonly string[] {
    return [...(this.#volumes.get(node) ?? [])];
  }

  /** How many replicas an owner lacks. */
  missing(owner: string): number {
    return this.#missing.get(owner) ?? 0;
  }
}
