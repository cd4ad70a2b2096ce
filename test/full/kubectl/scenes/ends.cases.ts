import { setTimeout as sleep } from "node:timers/promises";
import type { Scene, Twin } from "../scene.ts";
import { addBudget, addPod, changeBudget, deletePod, keepFinalizers, lingering } from "../things.ts";

const timedOut = "global timeout reached: 3s";

/** What ends a drain, and how much time a pod is given. */
export const endScenes: readonly Scene[] = [
  {
    name: "abort",
    title: "A budget that stays closed, until `--timeout=3s`, `--drain-timeout=3s`",
    kubectl: { flags: ["--timeout=3s"] },
    here: { flags: ["--drain-timeout=3s"] },
    make: blockedPod,
    stages: [
      {
        pods: [
          { app: "web", kubectl: "429" },
          { app: "other", what: "another pod", kubectl: "evicted" },
        ],
        drain: {
          kubectl: "failed",
          here: "given back",
          why: "kubectl leaves the node cordoned, and nobody stands beside ours",
        },
        says: { kubectl: timedOut },
      },
    ],
  },
  {
    name: "delete",
    title: "The same with `--drain-timeout-action=delete`",
    kubectl: { flags: ["--timeout=3s"] },
    here: { flags: ["--drain-timeout=3s", "--drain-timeout-action=delete"], mayDelete: true },
    make: blockedPod,
    stages: [
      {
        pods: [
          { app: "web", kubectl: "429", here: "429, deleted", why: "as the operator wants" },
          { app: "other", what: "another pod", kubectl: "evicted" },
        ],
        drain: { kubectl: "failed", here: "rebooted", why: "as the operator wants" },
        says: { kubectl: timedOut },
      },
    ],
  },
  {
    name: "force",
    title: "The same with `--force-reboot`",
    kubectl: { flags: ["--timeout=3s"] },
    here: { flags: ["--drain-timeout=3s", "--force-reboot"] },
    make: blockedPod,
    stages: [
      {
        pods: [
          { app: "web", kubectl: "429" },
          { app: "other", what: "another pod", kubectl: "evicted" },
        ],
        drain: { kubectl: "failed", here: "rebooted", why: "as the operator wants" },
        says: { kubectl: timedOut },
      },
    ],
  },
  {
    name: "noevict",
    title: "`--disable-eviction` at a budget that stays closed",
    kubectl: { flags: ["--disable-eviction"] },
    make: blockedPod,
    stages: [
      {
        pods: [
          { app: "web", kubectl: "deleted", here: "429", why: "budgets hold as long as there is time" },
          {
            app: "other",
            what: "another pod",
            kubectl: "deleted",
            here: "evicted",
            why: "budgets hold as long as there is time",
          },
        ],
        drain: { kubectl: "done", here: "goes on", why: "budgets hold as long as there is time" },
      },
      {
        when: "the budget opens",
        change: (twin) => changeBudget(twin, "web", { minAvailable: 0 }),
        pods: [
          { app: "web", kubectl: "deleted", here: "429, evicted", why: "budgets hold as long as there is time" },
          {
            app: "other",
            what: "another pod",
            kubectl: "deleted",
            here: "evicted",
            why: "budgets hold as long as there is time",
          },
        ],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
  {
    name: "grace",
    title: "`--grace-period=7`, `--drain-grace-period=7`",
    kubectl: { flags: ["--grace-period=7"] },
    here: { flags: ["--drain-grace-period=7"] },
    make: (twin) => addPod(twin, "web"),
    stages: [{ pods: [{ app: "web", kubectl: "evicted with 7 s" }], drain: { kubectl: "done", here: "rebooted" } }],
  },
  {
    name: "grace0",
    title: "`--grace-period=0`, `--drain-grace-period=0`",
    kubectl: { flags: ["--grace-period=0"] },
    here: { flags: ["--drain-grace-period=0"] },
    make: (twin) => addPod(twin, "web"),
    stages: [{ pods: [{ app: "web", kubectl: "evicted with 0 s" }], drain: { kubectl: "done", here: "rebooted" } }],
  },
  {
    name: "skipwait",
    title: "`--skip-wait-for-delete-timeout=3`",
    kubectl: { flags: ["--skip-wait-for-delete-timeout=3"] },
    here: { flags: ["--skip-wait-for-delete-timeout=3"] },
    make: async (twin) => {
      await addPod(twin, "fresh", lingering);
      await addPod(twin, "leaving", lingering);
      await keepFinalizers(twin, "leaving");
      await deletePod(twin, "leaving");
      // One second for its grace period.
      await sleep(5_000, undefined, { signal: twin.signal });
    },
    stages: [
      {
        pods: [
          { app: "leaving", what: "one that terminates long since", kubectl: "waited for" },
          { app: "fresh", what: "one that takes too long after its eviction", kubectl: "evicted, waited for" },
        ],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
];

/** `web`, which its budget does not let go, and `other`. */
async function blockedPod(twin: Twin): Promise<void> {
  await addPod(twin, "web");
  await addPod(twin, "other");
  await addBudget(twin, { name: "web", minAvailable: 1, allows: 0 });
}
