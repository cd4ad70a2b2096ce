import { deployment, idlePod, statefulSet } from "../../../controlplane/objects.ts";
import type { KubeObject } from "../../../controlplane/resources.ts";
import { createAll, waitForPods } from "../../../controlplane/waits.ts";
import type { Scene, Twin } from "../scene.ts";
import {
  addPod,
  deletePod,
  keepFinalizers,
  keepOrphans,
  letGo,
  lingering,
  ofRobot,
  ownedBy,
  setPodStatus,
} from "../things.ts";

const scratch = { pod: { volumes: [{ name: "scratch", emptyDir: {} }] } };
const hostPath = { pod: { volumes: [{ name: "host", hostPath: { path: "/" } }] } };

const kinds: Scene = {
  name: "kinds",
  title: "What goes and what stays",
  make: async (twin) => {
    await addControllers(twin);
    await keepOrphans(twin);
    await addPod(twin, "bare");
    await addPod(twin, "bare-scratch", scratch);
    await addPod(twin, "bare-host", hostPath);
    await addPod(twin, "robot", ofRobot);
    await addPod(twin, "robot-scratch", { ...ofRobot, ...scratch });
    await addPod(twin, "daemon", { ...ofDaemonSet("daemon"), ...scratch });
    await addPod(twin, "daemon-ended", ofDaemonSet("daemon"));
    await addPod(twin, "daemon-old", ofDaemonSet("daemon", "extensions/v1beta1"));
    await addPod(twin, "orphan", ofDaemonSet("gone"));
    await addPod(twin, "succeeded");
    await addPod(twin, "failed", scratch);
    for (const app of ["succeeded", "daemon-ended"]) await setPodStatus(twin, app, { phase: "Succeeded" });
    await setPodStatus(twin, "failed", { phase: "Failed" });
    await addPod(twin, "static", { metadata: { annotations: { "kubernetes.io/config.mirror": "a-hash" } } });
    await addPod(twin, "leaving", lingering);
    await keepFinalizers(twin, "leaving");
    await deletePod(twin, "leaving");
  },
  stages: [
    {
      pods: [
        { app: "replica", what: "of a ReplicaSet", kubectl: "evicted" },
        { app: "stateful", what: "of a StatefulSet", kubectl: "evicted" },
        { app: "replication", what: "of a ReplicationController", kubectl: "evicted" },
        { app: "job", what: "of a Job", kubectl: "evicted" },
        {
          app: "robot, robot-scratch",
          what: "of a controller that nobody knows, without and with an emptyDir",
          kubectl: "evicted / evicted",
        },
        { app: "bare", what: "bare", kubectl: "evicted" },
        {
          app: "bare-scratch, bare-host",
          what: "bare, with an emptyDir, a hostPath",
          kubectl: "evicted / evicted",
        },
        {
          app: "succeeded, failed",
          what: "bare, `Succeeded`, `Failed` with an emptyDir",
          kubectl: "evicted / evicted",
        },
        { app: "daemon", what: "of a DaemonSet, with an emptyDir", kubectl: "stays" },
        { app: "daemon-ended", what: "of a DaemonSet, `Succeeded`", kubectl: "evicted" },
        { app: "daemon-old", what: "of a DaemonSet of `extensions/v1beta1`", kubectl: "evicted" },
        { app: "orphan", what: "of a DaemonSet that is gone", kubectl: "evicted" },
        { app: "static", what: "static (a mirror pod)", kubectl: "stays" },
        {
          app: "leaving",
          what: "already terminating",
          kubectl: "evicted, waited for",
          here: "waited for",
          why: "a second eviction changes nothing",
        },
      ],
      drain: { kubectl: "goes on", here: "goes on" },
      says: {
        kubectl: "deleting Pods that declare no controller: NS/bare, NS/bare-host, NS/bare-scratch, NS/leaving",
        here: "Draining: … 1 pod left: Pod NS/leaving is terminating",
      },
    },
    {
      when: "the last one is gone",
      change: (twin) => letGo(twin, "leaving"),
      pods: [
        { app: "daemon, static", what: "of a DaemonSet, static", kubectl: "stays / stays" },
        {
          app: "leaving",
          what: "already terminating",
          kubectl: "evicted",
          here: "gone",
          why: "a second eviction changes nothing",
        },
        {
          app: "replica, stateful, replication, job, robot, robot-scratch, bare, bare-scratch, bare-host, succeeded, failed, daemon-ended, daemon-old, orphan",
          what: "all others",
          kubectl: Array.from({ length: 14 }, () => "evicted").join(" / "),
        },
      ],
      drain: { kubectl: "done", here: "rebooted" },
    },
  ],
};

function withoutFlag({
  name,
  flag,
  left,
  app,
  make,
}: {
  name: string;
  flag: string;
  left: readonly string[];
  app: string;
  make: Scene["make"];
}): Scene {
  return {
    name,
    title: `kubectl without ${flag}`,
    kubectl: { bare: true, flags: left },
    make: async (twin) => {
      await addPod(twin, "other", ofRobot);
      await make(twin);
    },
    stages: [
      {
        pods: [
          {
            app,
            kubectl: "stays",
            ...(app === "daemon" ? {} : { here: "evicted", why: "kured drains with all three flags" }),
          },
          {
            app: "other",
            what: "another pod",
            kubectl: "stays",
            here: "evicted",
            why: "kured drains with all three flags",
          },
        ],
        drain: { kubectl: "failed", here: "rebooted" },
        says: { kubectl: flag },
      },
    ],
  };
}

/** Which pods go and which stay. */
export const podScenes: readonly Scene[] = [
  kinds,
  {
    name: "empty",
    title: "A node without pods",
    make: () => Promise.resolve(),
    stages: [{ pods: [], drain: { kubectl: "done", here: "rebooted" } }],
  },
  withoutFlag({
    name: "noforce",
    flag: "--force",
    left: ["--ignore-daemonsets", "--delete-emptydir-data"],
    app: "bare",
    make: (twin) => addPod(twin, "bare"),
  }),
  withoutFlag({
    name: "noempty",
    flag: "--delete-emptydir-data",
    left: ["--ignore-daemonsets", "--force"],
    app: "scratch",
    make: (twin) => addPod(twin, "scratch", { ...ofRobot, ...scratch }),
  }),
  withoutFlag({
    name: "nods",
    flag: "--ignore-daemonsets",
    left: ["--force", "--delete-emptydir-data"],
    app: "daemon",
    make: async (twin) => {
      await addDaemonSet(twin);
      await keepOrphans(twin);
      await addPod(twin, "daemon", ofDaemonSet("daemon"));
    },
  }),
  {
    name: "noflags",
    title: "kubectl without any of the three, and pods that have ended",
    kubectl: { bare: true },
    make: async (twin) => {
      await addDaemonSet(twin);
      await keepOrphans(twin);
      await addPod(twin, "bare");
      await addPod(twin, "scratch", scratch);
      await addPod(twin, "daemon", ofDaemonSet("daemon"));
      for (const app of ["bare", "scratch", "daemon"]) await setPodStatus(twin, app, { phase: "Succeeded" });
    },
    stages: [
      {
        pods: [
          {
            app: "bare, scratch, daemon",
            what: "bare, with an emptyDir, of a DaemonSet",
            kubectl: "evicted / evicted / evicted",
          },
        ],
        drain: { kubectl: "done", here: "rebooted" },
      },
    ],
  },
];

/** Neither kubectl nor we compare uids, and the DaemonSet's own controller does, so it leaves them alone. */
function ofDaemonSet(name: string, apiVersion = "apps/v1") {
  return { metadata: { ownerReferences: [ownedBy("DaemonSet", apiVersion, name)] } };
}

async function addDaemonSet({ admin, namespace }: Twin): Promise<void> {
  const metadata = { name: "daemon", namespace };
  await createAll(admin, [templated({ apiVersion: "apps/v1", kind: "DaemonSet", metadata }, "nowhere")]);
}

/** Whatever they put in the place of what was evicted cannot be scheduled. */
async function addControllers(twin: Twin): Promise<void> {
  const { admin, namespace, node, signal } = twin;
  const pod = { nodeSelector: { "kubernetes.io/hostname": node } };
  await addDaemonSet(twin);
  const named = (name: string) => ({ metadata: { name, namespace } });
  await createAll(admin, [
    deployment({ name: "replica", namespace, replicas: 1, pod }),
    statefulSet({ name: "stateful", namespace, replicas: 1, pod }),
    templated({ apiVersion: "v1", kind: "ReplicationController", ...named("replication") }, node),
    templated({ apiVersion: "batch/v1", kind: "Job", ...named("job") }, node),
  ]);
  for (const app of ["replica", "stateful", "replication"])
    await waitForPods(admin, { namespace, labelSelector: `app=${app}`, count: 1, signal });
}

/** An object with a template of one pod for this node. */
function templated(object: KubeObject, node: string): KubeObject {
  const labels = { app: object.metadata.name };
  const isJob = object.kind === "Job";
  const pod = idlePod({ nodeSelector: { "kubernetes.io/hostname": node } });
  const template = { metadata: { labels }, spec: { ...pod, ...(isJob && { restartPolicy: "Never" }) } };
  const selector = object.kind === "DaemonSet" ? { matchLabels: labels } : labels;
  return Object.assign({}, object, { spec: { template, ...(!isJob && { selector }) } });
}
