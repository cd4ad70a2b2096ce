import { disruptionBudget, pod } from "../controlplane/objects.ts";
import { createAll, waitForPods } from "../controlplane/waits.ts";
import type { Site } from "./site.ts";

/** A pod `pair` that the API server never evicts, because two budgets, `one` and `other`, cover it, and it runs. */
export async function addPodUnderTwoBudgets({ cluster, name: namespace, signal }: Site, node: string): Promise<void> {
  const matchLabels = { app: "pair" };
  await createAll(cluster.admin, [
    pod({ name: "pair", namespace, node, labels: matchLabels }),
    ...["one", "other"].map((name) => disruptionBudget({ name, namespace, matchLabels, minAvailable: 0 })),
  ]);
  await waitForPods(cluster.admin, { namespace, labelSelector: "app=pair", count: 1, signal });
}

/** What one budget covers may be evicted. */
export async function removeSecondBudget({ cluster, name: namespace }: Site): Promise<void> {
  await cluster.admin.delete({ kind: "PodDisruptionBudget", metadata: { name: "other", namespace } });
}
