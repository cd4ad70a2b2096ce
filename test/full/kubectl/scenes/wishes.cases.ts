import type { PodRow, Scene } from "../scene.ts";
import { addPod, keepFinalizers, letGo, lingering, setPodStatus } from "../things.ts";

/** What becomes of pods that want no eviction, before one of them has completed and then. */
const optedOut: readonly PodRow[] = [
  {
    app: "label, own",
    what: "`skip`, by label, by annotation",
    kubectl: "evicted / evicted",
    here: "stays / stays",
    why: "kubectl knows no opt-outs",
  },
  {
    app: "ending",
    what: "`wait-completed`",
    kubectl: "evicted",
    here: "stays",
    why: "kubectl knows no opt-outs",
  },
  { app: "other", what: "another pod", kubectl: "evicted" },
];

/** What operators and owners of pods want of a drain. */
export const wishScenes: readonly Scene[] = [
  {
    name: "selector",
    title: "`--pod-selector`, `--drain-pod-selector`",
    kubectl: { flags: ["--pod-selector=of in (shop, bank), !keep", "--chunk-size=1"] },
    here: { flags: ["--drain-pod-selector=of in (shop, bank), !keep"] },
    make: async (twin) => {
      await addPod(twin, "shop", { labels: { of: "shop" } });
      await addPod(twin, "bank", { labels: { of: "bank" } });
      await addPod(twin, "kept", { labels: { of: "shop", keep: "" } });
      await addPod(twin, "other");
    },
    stages: [
      {
        pods: [
          { app: "shop, bank", what: "those that it matches", kubectl: "evicted / evicted" },
          { app: "kept, other", what: "those that it does not", kubectl: "stays / stays" },
        ],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
  {
    name: "optouts",
    title: "Pods that say for themselves that they do not want to be evicted",
    make: async (twin) => {
      await addPod(twin, "label", { labels: { "cluster.x-k8s.io/drain": "skip" } });
      await addPod(twin, "own", { metadata: { annotations: { "kured.dev/drain": "skip" } } });
      await addPod(twin, "ending", { labels: { "kured.dev/drain": "wait-completed" } });
      await addPod(twin, "other");
    },
    stages: [
      {
        pods: optedOut,
        drain: { kubectl: "done", here: "goes on" },
        says: {
          here: "Draining: … 1 pod left: Pod NS/ending is not evicted but waited for until it has completed, as its label kured.dev/drain wants.",
        },
      },
      {
        when: "it has completed",
        change: async (twin) => {
          if (twin.drainer === "kured") await setPodStatus(twin, "ending", { phase: "Succeeded" });
        },
        pods: optedOut,
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
  {
    name: "rules",
    title: "`--drain-rule=Skip:of=cache --drain-rule=Drain,order=10:of=db`",
    here: { flags: ["--drain-rule=Skip:of=cache", "--drain-rule=Drain,order=10:of=db"] },
    make: async (twin) => {
      await addPod(twin, "cache", { labels: { of: "cache" } });
      await addPod(twin, "db", { labels: { of: "db" } });
      await addPod(twin, "web", lingering);
      await keepFinalizers(twin, "web");
    },
    stages: [
      {
        pods: [
          { app: "cache", kubectl: "evicted", here: "stays", why: "kubectl knows no rules" },
          { app: "db", kubectl: "evicted", here: "stays", why: "its turn comes when the others are gone" },
          { app: "web", kubectl: "evicted, waited for" },
        ],
        drain: { kubectl: "goes on", here: "goes on" },
      },
      {
        when: "the first one is gone",
        change: (twin) => letGo(twin, "web"),
        pods: [
          { app: "cache", kubectl: "evicted", here: "stays", why: "kubectl knows no rules" },
          { app: "db, web", kubectl: "evicted / evicted" },
        ],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
];
