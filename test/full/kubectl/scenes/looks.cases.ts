import { statusAnswer } from "../../../controlplane/proxy/faults.ts";
import type { Scene } from "../scene.ts";
import { addPod, keepOrphans, letGo, lingeringPod, ownedBy } from "../things.ts";

/** Looks of the drain's that fail. */
export const lookScenes: readonly Scene[] = [
  {
    name: "lookup",
    title: "A DaemonSet that cannot be looked up",
    byProxy: true,
    make: async (twin) => {
      await keepOrphans(twin);
      await addPod(twin, "daemon", { metadata: { ownerReferences: [ownedBy("DaemonSet", "apps/v1", "gone")] } });
      await addPod(twin, "web");
    },
    arm: async ({ proxy }) => {
      const matches = ({ path }: { readonly path: string }): boolean => /daemonsets\/gone/.test(path);
      proxy.plan({ matches, fault: { kind: "answer", answer: statusAnswer(403, "Forbidden") }, times: Infinity });
    },
    stages: [
      {
        pods: [
          { app: "daemon", what: "its pod", kubectl: "stays" },
          { app: "web", what: "another pod", kubectl: "stays" },
        ],
        drain: { kubectl: "failed", here: "goes on", why: "it is looked up again" },
        says: { here: "Pod NS/daemon may not be removed: Pods whose DaemonSet NS/gone cannot be looked up." },
      },
      {
        when: "it can be looked up, and is gone",
        change: async ({ proxy }) => proxy.heal(),
        pods: [{ app: "daemon, web", what: "both", kubectl: "stays / stays", here: "evicted / evicted" }],
        drain: { kubectl: "failed", here: "rebooted", why: "it is looked up again" },
      },
    ],
  },
  {
    name: "look",
    title: "The API server fails while a pod is waited for",
    byProxy: true,
    make: lingeringPod,
    stages: [
      {
        pods: [{ app: "first", kubectl: "evicted, waited for" }],
        drain: { kubectl: "goes on", here: "goes on" },
      },
      {
        when: "one look at the pods is answered with 500",
        change: async ({ proxy }) => {
          const matches = ({ method, path }: { readonly method: string; readonly path: string }): boolean =>
            method === "GET" && path.includes("/pods");
          proxy.answerOnce(matches, statusAnswer(500, "InternalError"));
          proxy.closeWatches();
        },
        pods: [{ app: "first", kubectl: "evicted, waited for" }],
        drain: { kubectl: "failed", here: "goes on", why: "it looks again" },
        says: { kubectl: 'error when waiting for pod "first" in namespace "NS" to terminate' },
      },
      {
        when: "the pod is gone",
        change: (twin) => letGo(twin, "first"),
        pods: [{ app: "first", kubectl: "evicted" }],
        drain: { kubectl: "failed", here: "rebooted", why: "it looks again" },
      },
    ],
  },
  {
    name: "discovery",
    title: "The API server cannot say whether it has evictions",
    byProxy: true,
    make: (twin) => addPod(twin, "web"),
    arm: async ({ proxy }) => {
      const matches = ({ path }: { readonly path: string }): boolean => /^\/api\/v1(\?|$)/.test(path);
      proxy.plan({ matches, fault: { kind: "answer", answer: statusAnswer(500, "InternalError") }, times: Infinity });
    },
    stages: [
      {
        pods: [{ app: "web", kubectl: "stays", here: "evicted", why: "every API server since 1.22 has them" }],
        drain: { kubectl: "failed", here: "rebooted", why: "it is not asked" },
      },
    ],
  },
];
