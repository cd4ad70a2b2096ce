import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { onSite, programUnderTest, siteProxy, startAgent, startCoordinator } from "../cases/site.ts";
import { eventsOf, untilVerdict, verdictOf } from "../cases/told.ts";
import { untilDone } from "../cases/until.ts";
import { freePort } from "../controlplane/cluster/component.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { createAll, waitFor } from "../controlplane/waits.ts";
import type { Twin } from "./kubectl/scene.ts";
import {
  addBudget,
  addPod,
  changeBudget,
  deletePod,
  keepFinalizers,
  letGo,
  lingering,
  policyOn,
  rehearsed,
  setPodStatus,
} from "./kubectl/things.ts";

// Somebody is called at night because a drain does not get on, and asks what it is waiting for.

const { cluster, signal } = await suiteCluster();

test("every pod that is left is named with its reason, in the verdict, its Event, what kured explain says and the metrics", async () => {
  await onSite({ cluster, name: "left", nodes: 2, signal }, async (site) => {
    const [node = "", elsewhere = ""] = site.nodes;
    const { admin, pki } = cluster;
    const twin: Twin = { drainer: "kured", node, elsewhere, namespace: "left", user: "", admin, pki, ...site };
    await addPods(twin);
    const metricsPort = await freePort();
    const { port } = await siteProxy(site);
    const args = ["--drain-feasibility=warn", `--metrics-port=${metricsPort}`];
    await startCoordinator(site, { args, daemon: { port } });
    await startAgent(site, { node });
    await site.host(node).requireReboot();

    const reasons = [
      /PDB left\/web: 1 of 1 healthy, needs 1\./,
      /Pod left\/machine is being moved away by "virt", as its annotation says\./,
      /Pod left\/batch is not evicted but waited for until it has completed, as its label kured\.dev\/drain wants\./,
      /Pod left\/leaving is terminating; its grace period ends at 20/,
      /Pod left\/dns is still to be evicted\./,
    ];
    const all = async (): Promise<boolean> => {
      const verdict = await verdictOf(site, node);
      const text = verdict?.sentences[0] ?? "";
      return verdict?.code === "DrainBlocked" && reasons.every((reason) => reason.test(text));
    };
    await waitFor("the verdict to have all reasons", all, { signal });
    const verdict = (await verdictOf(site, node))?.sentences[0] ?? "";
    // The one that is in nobody's hands comes first.
    assert.match(verdict, /^The drain is blocked: 5 pods left: PDB left\/web/);
    assert.deepEqual(await counted(metricsPort, node), { due: 1, refused: 1, terminating: 1, waiting: 2 });
    const told = (await eventsOf(site, node)).filter(({ reason }) => reason === "DrainBlocked");
    assert.match(told.map(({ message }) => message).join(), /PDB left\/web: 1 of 1 healthy, needs 1\./);
    const explained = await explain(node);
    for (const reason of reasons) assert.match(explained, reason);

    await changeBudget(twin, "web", { minAvailable: 0 });
    await untilVerdict(site, { node, code: "Draining", says: /4 pods left/, timeoutMs: 20_000 });
    await deletePod(twin, "machine");
    await setPodStatus(twin, "batch", { phase: "Succeeded" });
    await letGo(twin, "leaving");
    await untilDone(site, { node, timeoutMs: 30_000 });
    assert.deepEqual(await counted(metricsPort, node), {}, "a drain that is over counts no pods");
  });
});

/**
 * One that its budget holds, one that is being moved away, one that wants to end, one that takes its time, and a
 * critical one.
 */
async function addPods(twin: Twin): Promise<void> {
  await addPod(twin, "web");
  await addBudget(twin, { name: "web", minAvailable: 1, allows: 0 });
  const annotations = { "descheduler.alpha.kubernetes.io/eviction-in-progress": "virt" };
  await addPod(twin, "machine", { metadata: { annotations } });
  const rule = { of: "evictions", operation: "CREATE", resource: "pods/eviction" } as const;
  const expression = "object.metadata.name != 'machine'";
  await createAll(twin.admin, policyOn(twin.namespace, { ...rule, expression, message: "it is being migrated" }));
  const refused = async (): Promise<boolean> => (await rehearsed(twin, "machine")) === 403;
  await waitFor("the migration to hold the eviction", refused, { signal });
  await addPod(twin, "batch", { labels: { "kured.dev/drain": "wait-completed" } });
  await addPod(twin, "leaving", lingering);
  await keepFinalizers(twin, "leaving");
  await addPod(twin, "dns", { pod: { priorityClassName: "system-node-critical" } });
}

/** The metric `kured_drain_pods` of one node, by state. */
async function counted(port: number, node: string): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const samples = text.matchAll(/^kured_drain_pods\{node="([^"]*)",state="([^"]*)"\} (\S+)$/gm);
  const own = Array.from(samples).filter(([, of]) => of === node);
  return Object.fromEntries(own.map(([, , state = "", value]) => [state, Number(value)]));
}

/** What `kured explain` says of a node, its line breaks taken out. */
async function explain(node: string): Promise<string> {
  const argv = ["explain", node, `--kubeconfig=${cluster.kubeconfig}`, "--ds-name=left", "--ds-namespace=left"];
  const { stdout } = await promisify(execFile)(programUnderTest(), argv, { signal });
  return stdout.replaceAll(/\s+/g, " ");
}
