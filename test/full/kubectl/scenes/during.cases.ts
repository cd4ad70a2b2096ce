import { pod } from "../../../controlplane/objects.ts";
import type { HeldWrite } from "../../../controlplane/proxy/holds.ts";
import type { ArmedTwin, Scene } from "../scene.ts";
import { addPod, letGo, lingering, lingeringPod, ofRobot, setPodStatus } from "../things.ts";

/** What happens while a drain is going on. */
export const duringScenes: readonly Scene[] = [
  {
    name: "late",
    title: "A pod that appears during the drain",
    make: lingeringPod,
    stages: [
      {
        pods: [{ app: "first", what: "one that takes its time", kubectl: "evicted, waited for" }],
        drain: { kubectl: "goes on", here: "goes on" },
      },
      {
        when: "another one comes",
        change: async ({ admin, node, namespace }) => {
          await admin.create(pod({ name: "late", namespace, node, labels: { app: "late" }, ...lingering }));
        },
        pods: [
          { app: "first", what: "one that takes its time", kubectl: "evicted, waited for" },
          {
            app: "late",
            what: "one that tolerates the cordon",
            kubectl: "stays",
            here: "evicted, waited for",
            why: "kubectl lists the pods once",
          },
        ],
        drain: { kubectl: "goes on", here: "goes on" },
      },
      {
        when: "both may go",
        change: async (twin) => {
          for (const name of ["first", "late"]) await letGo(twin, name);
        },
        pods: [
          { app: "first", what: "one that takes its time", kubectl: "evicted" },
          {
            app: "late",
            what: "one that tolerates the cordon",
            kubectl: "stays",
            here: "evicted",
            why: "kubectl lists the pods once",
          },
        ],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
  {
    name: "tiers",
    title: "Critical pods",
    make: async (twin) => {
      await lingeringPod(twin);
      await addPod(twin, "dns", { ...ofRobot, pod: { priorityClassName: "system-cluster-critical" } });
    },
    stages: [
      {
        pods: [
          { app: "first", what: "an ordinary one that takes its time", kubectl: "evicted, waited for" },
          {
            app: "dns",
            what: "one of `system-cluster-critical`",
            kubectl: "evicted",
            here: "stays",
            why: "DNS is there until the others have gone",
          },
        ],
        drain: { kubectl: "goes on", here: "goes on" },
      },
      {
        when: "the ordinary one is gone",
        change: (twin) => letGo(twin, "first"),
        pods: [{ app: "first, dns", what: "both", kubectl: "evicted / evicted" }],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
  {
    name: "ending",
    title: "A pod that has ended and is still there",
    make: lingeringPod,
    stages: [
      {
        pods: [{ app: "first", what: "one with a finalizer", kubectl: "evicted, waited for" }],
        drain: { kubectl: "goes on", here: "goes on" },
      },
      {
        when: "it is `Succeeded`",
        change: (twin) => setPodStatus(twin, "first", { phase: "Succeeded" }),
        pods: [{ app: "first", what: "one with a finalizer", kubectl: "evicted, waited for" }],
        drain: { kubectl: "goes on", here: "goes on" },
      },
      {
        when: "its finalizer is taken off",
        change: (twin) => letGo(twin, "first"),
        pods: [{ app: "first", kubectl: "evicted" }],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
  {
    name: "gone",
    title: "A pod that goes before its eviction arrives",
    make: (twin) => addPod(twin, "web"),
    arm: holdEviction,
    stages: [
      {
        change: async (twin) => {
          const release = await heldEviction(twin);
          await removePod(twin, "web");
          return release;
        },
        pods: [{ app: "web", kubectl: "404" }],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
  {
    name: "namesake",
    title: "Another pod of that name, on another node, before its eviction arrives",
    make: (twin) => addPod(twin, "db"),
    arm: holdEviction,
    stages: [
      {
        change: async (twin) => {
          const release = await heldEviction(twin);
          await removePod(twin, "db");
          await addPod(twin, "next", { name: "db", node: twin.elsewhere });
          return release;
        },
        pods: [
          { app: "db", what: "the pod that was meant", kubectl: "gone" },
          {
            app: "next",
            what: "its namesake elsewhere",
            kubectl: "evicted",
            here: "409",
            why: "evictions carry the uid of the pod that they mean",
          },
        ],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
];

/** By namespace. */
const held = new Map<string, Promise<HeldWrite>>();

/** The drainer's first eviction will not arrive before it is released. */
async function holdEviction({ proxy, namespace }: ArmedTwin): Promise<void> {
  held.set(namespace, proxy.holdWrite(1, "before"));
}

/** Resolves when it has been sent, with what lets it go on. */
async function heldEviction({ namespace }: ArmedTwin): Promise<() => void> {
  const write = await held.get(namespace);
  return () => write?.release();
}

/** At once, as a kubelet reports it. */
async function removePod({ admin, namespace }: ArmedTwin, name: string): Promise<void> {
  await admin.delete({ kind: "Pod", metadata: { name, namespace } }, { gracePeriodSeconds: 0 });
}
