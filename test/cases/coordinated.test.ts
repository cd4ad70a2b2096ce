import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Cluster } from "../controlplane/cluster.ts";
import { addWorkload, onSite, startAgent, startCoordinator, startSuiteCluster, untilDone } from "./site.ts";

const ending = new AbortController();
const { signal } = ending;
let cluster: Cluster;

before(async () => {
  cluster = await startSuiteCluster(signal);
});
after(async () => {
  await cluster?.stop();
  ending.abort(new Error("The suite is over"));
});

test("coordinated, five nodes that want a reboot get one, one after the other, the oldest need first", async () => {
  await onSite({ cluster, name: "five", nodes: 5, signal }, async (site) => {
    await addWorkload(site, { replicas: 10, budget: { minAvailable: 8 } });
    const coordinator = await startCoordinator(site);
    for (const node of site.nodes) await startAgent(site, { node });
    const wanted = ["five-n3", "five-n1", "five-n5", "five-n2", "five-n4"];
    for (const node of wanted) {
      await site.host(node).requireReboot();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    try {
      for (const node of wanted) await untilDone(site, { node, timeoutMs: 30_000 });
    } finally {
      for (const { text, atMs } of coordinator.lines())
        console.log(new Date(atMs).toISOString().slice(17), text.slice(40));
    }
    assert.equal(await site.readLock(), undefined);
  });
});
