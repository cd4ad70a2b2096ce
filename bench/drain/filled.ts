import { onSite, type Site } from "../../test/cases/site.ts";
import { deployment } from "../../test/controlplane/objects.ts";
import { createAll, waitForPods } from "../../test/controlplane/waits.ts";
import type { Stage } from "../stage/run.ts";

export interface FilledOptions {
  /** Of the site; at most 20 characters. */
  readonly name: string;
  readonly pods: number;
}

/**
 * Runs `work` where one node has all pods of a Deployment and another has room for those that replace them, and answers
 * what it answers.
 */
export async function onFilledNode<T>(
  { cluster, signal }: Stage,
  { name, pods }: FilledOptions,
  work: (site: Site, node: string) => Promise<T>,
): Promise<T> {
  const { admin } = cluster;
  const podCapacity = pods + 20;
  // The second node is closed until every pod is on the first.
  const node = (index: number) => ({ podCapacity, ...(index === 1 && { unschedulable: true }) });
  const found: T[] = [];
  await onSite({ cluster, name, nodes: 2, node, signal }, async (site) => {
    const [first = "", second = ""] = site.nodes;
    const web = deployment({ name: "web", namespace: name, replicas: pods, pod: { nodeSelector: { site: name } } });
    const ofWeb = { namespace: name, labelSelector: "app=web", signal, timeoutMs: 120_000, everyMs: 500 };
    await createAll(admin, [web]);
    await waitForPods(admin, { ...ofWeb, count: pods });
    await admin.patch({ kind: "Node", metadata: { name: second } }, { spec: { unschedulable: null } });
    found.push(await work(site, first));
    await admin.delete(web);
    await waitForPods(admin, { ...ofWeb, count: 0 });
  });
  const [answer] = found;
  if (answer === undefined) throw new Error(`${name} did not end`);
  return answer;
}
