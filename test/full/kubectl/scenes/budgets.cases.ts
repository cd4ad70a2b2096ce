import type { Scene } from "../scene.ts";
import {
  addBudget,
  addPod,
  addPods,
  changeBudget,
  deletePod,
  keepFinalizers,
  letGo,
  lingering,
  ofRobot,
  pretendEvictions,
  removeBudget,
  setPodStatus,
  uncountableBudget,
  unready,
} from "../things.ts";

const blocked =
  'error when evicting pods/"web" -n "NS" (will retry after 5s): Cannot evict pod as it would violate the pod\'s disruption budget.';

/** What the eviction API says to budgets. */
export const budgetScenes: readonly Scene[] = [
  {
    name: "closed",
    title: "A budget that is closed",
    make: async (twin) => {
      await addPod(twin, "web");
      await addBudget(twin, { name: "web", minAvailable: 1, allows: 0 });
    },
    stages: [
      {
        pods: [{ app: "web", kubectl: "429" }],
        drain: { kubectl: "goes on", here: "goes on" },
        says: {
          kubectl: blocked,
          here: "DrainBlocked: The drain is blocked: 1 pod left: PDB NS/web: 1… healthy, needs 1.",
        },
      },
      {
        when: "the budget opens",
        change: (twin) => changeBudget(twin, "web", { minAvailable: 0 }),
        pods: [{ app: "web", kubectl: "429, evicted" }],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
  {
    name: "open",
    title: "A budget that allows one of two",
    make: async (twin) => {
      await addPods(twin, ["one", "two"], { labels: { of: "web" } });
      await addBudget(twin, { name: "web", matchLabels: { of: "web" }, minAvailable: 1, allows: 1 });
    },
    stages: [
      {
        pods: [{ app: "one, two", kubectl: "429 / evicted" }],
        drain: { kubectl: "goes on", here: "goes on" },
      },
      {
        when: "another pod is ready elsewhere",
        change: (twin) => addPod(twin, "three", { node: twin.elsewhere, labels: { of: "web" } }),
        pods: [
          { app: "one, two", kubectl: "429, evicted / evicted" },
          { app: "three", what: "the one elsewhere", kubectl: "stays" },
        ],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
  {
    name: "two",
    title: "Two budgets on one pod",
    make: async (twin) => {
      await addPod(twin, "web");
      for (const name of ["one", "other"])
        await addBudget(twin, { name, matchLabels: { app: "web" }, minAvailable: 0, allows: 1 });
    },
    stages: [
      {
        pods: [{ app: "web", kubectl: "500" }],
        drain: { kubectl: "failed", here: "goes on", why: "somebody may take one of them away" },
        says: {
          kubectl: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
          here: "More than one PodDisruptionBudget covers pod NS/web, so the API server never evicts it.",
        },
      },
      {
        when: "one of them goes",
        change: (twin) => removeBudget(twin, "other"),
        pods: [{ app: "web", kubectl: "500", here: "500, evicted" }],
        drain: { kubectl: "failed", here: "rebooted" },
      },
    ],
  },
  {
    name: "unready",
    title: "Pods that are not ready, under a closed budget",
    make: async (twin) => {
      for (const which of ["always", "covered", "short"]) {
        await addPod(twin, which, { labels: { of: which } });
        await setPodStatus(twin, which, unready);
      }
      await addPod(twin, "healthy", { node: twin.elsewhere, labels: { of: "covered" } });
      const spec = { unhealthyPodEvictionPolicy: "AlwaysAllow" };
      await addBudget(twin, { name: "always", matchLabels: { of: "always" }, minAvailable: 1, spec, allows: 0 });
      for (const which of ["covered", "short"])
        await addBudget(twin, { name: which, matchLabels: { of: which }, minAvailable: 1, allows: 0 });
    },
    stages: [
      {
        pods: [
          { app: "always", what: "where it says `AlwaysAllow`", kubectl: "evicted" },
          { app: "covered", what: "where as many are ready as it wants", kubectl: "evicted" },
          { app: "short", what: "where too few are ready", kubectl: "429" },
          { app: "healthy", what: "the one elsewhere", kubectl: "stays" },
        ],
        drain: { kubectl: "goes on", here: "goes on" },
        says: { here: "DrainBlocked: The drain is blocked: 1 pod left: PDB NS/short: 0… healthy, needs 1." },
      },
      {
        when: "the third is ready, and another pod beside it",
        change: async (twin) => {
          await setPodStatus(twin, "short", { conditions: [{ type: "Ready", status: "True" }] });
          await addPod(twin, "fourth", { node: twin.elsewhere, labels: { of: "short" } });
        },
        pods: [
          { app: "always", kubectl: "evicted" },
          { app: "covered", kubectl: "evicted" },
          { app: "short", kubectl: "429, evicted" },
          { app: "healthy, fourth", what: "those elsewhere", kubectl: "stays / stays" },
        ],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
  {
    name: "ended",
    title: "Pods that no budget protects, under a closed one",
    make: async (twin) => {
      for (const app of ["pending", "succeeded", "failed"]) {
        await addPod(twin, app, { labels: { of: "web" } });
        await setPodStatus(twin, app, { phase: `${app.slice(0, 1).toUpperCase()}${app.slice(1)}` });
      }
      await addPod(twin, "leaving", { ...lingering, labels: { of: "web" } });
      await keepFinalizers(twin, "leaving");
      await deletePod(twin, "leaving");
      await addBudget(twin, { name: "web", matchLabels: { of: "web" }, minAvailable: 3, allows: 0 });
    },
    stages: [
      {
        pods: [
          { app: "pending", what: "one that is `Pending`", kubectl: "evicted" },
          { app: "succeeded", what: "one that is `Succeeded`", kubectl: "evicted" },
          { app: "failed", what: "one that is `Failed`", kubectl: "evicted" },
          {
            app: "leaving",
            what: "one that terminates",
            kubectl: "evicted, waited for",
            here: "waited for",
            why: "it changes nothing",
          },
        ],
        drain: { kubectl: "goes on", here: "goes on" },
        says: { here: "Draining: … 1 pod left: Pod NS/leaving is terminating; its grace period ends at" },
      },
      {
        when: "the last one is gone",
        change: (twin) => letGo(twin, "leaving"),
        pods: [
          { app: "pending, succeeded, failed", what: "the others", kubectl: "evicted / evicted / evicted" },
          { app: "leaving", what: "one that terminates", kubectl: "evicted", here: "gone" },
        ],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
  {
    name: "uncounted",
    title: "A budget whose controller cannot count its pods",
    make: async (twin) => {
      await addPod(twin, "web", ofRobot);
      await uncountableBudget(twin, "web");
    },
    stages: [
      {
        pods: [{ app: "web", kubectl: "429" }],
        drain: { kubectl: "goes on", here: "goes on" },
        says: {
          here: "DrainBlocked: The drain is blocked: 1 pod left: PDB NS/web: its controller … count… pods",
        },
      },
      {
        when: "it says what can be counted",
        change: (twin) => changeBudget(twin, "web", { maxUnavailable: null, minAvailable: 0 }),
        pods: [{ app: "web", kubectl: "429, evicted" }],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
  {
    name: "toomany",
    title: "A budget with more than 2,000 evictions that its controller has not seen yet",
    make: async (twin) => {
      await addPod(twin, "web", ofRobot);
      await uncountableBudget(twin, "web");
      await pretendEvictions(twin, "web");
    },
    stages: [
      {
        pods: [{ app: "web", kubectl: "403" }],
        drain: { kubectl: "failed", here: "goes on", why: "its controller may come to it" },
        says: { kubectl: "DisruptedPods map too big", here: "Evicting pod NS/web is forbidden: … too many evictions" },
      },
      {
        when: "the budget goes",
        change: (twin) => removeBudget(twin, "web"),
        pods: [{ app: "web", kubectl: "403", here: "403, evicted" }],
        drain: { kubectl: "failed", here: "rebooted" },
      },
    ],
  },
];
