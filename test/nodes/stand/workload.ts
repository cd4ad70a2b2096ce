import { deployment, disruptionBudget, idlePod, type PodSpec } from "../../controlplane/objects.ts";
import { createAll, waitForPods } from "../../controlplane/waits.ts";
import { WORKLOAD_IMAGE } from "../prepare/workload.ts";
import type { Rig } from "../rig.ts";

export interface ApplicationOptions {
  readonly name?: string;
  readonly replicas?: number;
  /** So many must stay available; no budget unless given. */
  readonly minAvailable?: number;
  /** Seconds that a pod takes to end once it is told to; 2 unless given. */
  readonly endsAfter?: number | "never";
  /** Seconds until it is killed; 30 unless given, as in Kubernetes. */
  readonly grace?: number;
  readonly pod?: Partial<PodSpec>;
}

/** Installs an application whose pods spread over the nodes, and resolves when all of them are available. */
export async function startApplication(
  rig: Rig,
  { signal, ...options }: ApplicationOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const { name = "web", replicas = 6, minAvailable, endsAfter = 2, grace = 30 } = options;
  const spread = {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: { app: name } },
  };
  const container = { name: "workload", image: WORKLOAD_IMAGE, args: [String(endsAfter)], imagePullPolicy: "Never" };
  const pod = idlePod({
    containers: [container],
    terminationGracePeriodSeconds: grace,
    topologySpreadConstraints: [spread],
    ...options.pod,
  });
  const budget = minAvailable === undefined ? [] : [disruptionBudget({ name, minAvailable })];
  await createAll(rig.admin, [deployment({ name, replicas, pod }), ...budget]);
  await waitForPods(rig.admin, { labelSelector: `app=${name}`, count: replicas, signal });
}
