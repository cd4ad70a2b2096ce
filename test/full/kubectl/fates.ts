import type { ProxiedRequest } from "../../controlplane/proxy/requests.ts";
import type { PodObject } from "../../controlplane/objects.ts";
import type { ArmedTwin, Fate } from "./scene.ts";

/** The pods of a twin, from when they are first seen. */
export interface Tracked {
  /** Notes the pods that are there now; each is told by its label `app` from now on. */
  look(): Promise<void>;
  /** By the label `app`. */
  fates(): Promise<ReadonlyMap<string, Fate>>;
}

export function track(twin: ArmedTwin): Tracked {
  const seen = new Map<string, PodObject>();
  const list = async (): Promise<readonly PodObject[]> => {
    const pods = await twin.admin.list<PodObject>({ kind: "Pod", namespace: twin.namespace, labelSelector: "app" });
    return pods;
  };
  return {
    look: async () => {
      const pods = (await list()).filter(({ spec }) => spec.nodeName !== undefined);
      const known = new Set(Array.from(seen.values(), ({ metadata }) => metadata.uid));
      // What a controller has put in a pod's place has its label, and is none of the scene's pods.
      const fresh = pods.filter(
        ({ metadata }) => !known.has(metadata.uid) && !seen.has(metadata.labels?.["app"] ?? ""),
      );
      for (const pod of fresh) seen.set(pod.metadata.labels?.["app"] ?? "", pod);
    },
    fates: async () => {
      const now = new Map((await list()).map((pod) => [pod.metadata.uid, pod]));
      const names = Array.from(seen.values(), ({ metadata }) => metadata.name);
      return new Map(
        Array.from(seen, ([app, pod]) => {
          // Of namesakes the last one is meant by what asks for a name.
          const later = names.lastIndexOf(pod.metadata.name) > Array.from(seen.keys()).indexOf(app);
          const requests = later ? [] : requestsFor(pod, twin.proxy.requests());
          return [app, fateOf(requests, now.get(pod.metadata.uid))];
        }),
      );
    },
  };
}

/** Evictions and deletions of this name. */
function requestsFor({ metadata }: PodObject, requests: readonly ProxiedRequest[]): readonly ProxiedRequest[] {
  const path = `/api/v1/namespaces/${metadata.namespace ?? ""}/pods/${metadata.name}`;
  return requests.filter(({ method, path: asked }) => {
    const plain = asked.split("?")[0];
    return (method === "POST" && plain === `${path}/eviction`) || (method === "DELETE" && plain === path);
  });
}

/** What is still under way says nothing yet. */
function fateOf(requests: readonly ProxiedRequest[], pod: PodObject | undefined): Fate {
  const words = requests.filter(({ status, endedAtMs }) => (status ?? endedAtMs) !== undefined).map(wordOf);
  const turns = words.filter((word, index) => word !== words[index - 1]);
  const leaving = pod?.metadata.deletionTimestamp !== undefined;
  if (turns.length > 0) return `${turns.join(", ")}${leaving ? ", waited for" : ""}`;
  if (pod === undefined) return "gone";
  return leaving ? "waited for" : "stays";
}

function wordOf({ method, status, body }: ProxiedRequest): string {
  if (status === undefined) return "no answer";
  if (status >= 300) return String(status);
  // Kubectl deletes in Kubernetes' binary format.
  const options = JSON.parse(body.startsWith("{") ? body : "{}") as DeleteOptions & {
    readonly deleteOptions?: DeleteOptions;
  };
  const grace = options.gracePeriodSeconds ?? options.deleteOptions?.gracePeriodSeconds;
  return `${method === "DELETE" ? "deleted" : "evicted"}${grace === undefined ? "" : ` with ${grace} s`}`;
}

interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
}
