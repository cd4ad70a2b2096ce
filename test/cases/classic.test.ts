import assert from "node:assert/strict";
import { test } from "node:test";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { waitForPods } from "../controlplane/waits.ts";
import { observe } from "./observe.ts";
import { assertBudgetKept, assertOneAtATime, bootsInOrder, statusesOf } from "./promises.ts";
import { addWorkload, onSite, startClassic } from "./site.ts";
import { untilRolledOut } from "./until.ts";

const { cluster, signal } = await suiteCluster();

test("five classic daemons reboot their nodes, one at a time, with kured's rights and nothing more", async () => {
  const host = { reboot: { kind: "boots", notReady: true } } as const;
  await onSite({ cluster, name: "five", nodes: 5, host, signal }, async (site) => {
    await addWorkload(site, { replicas: 10, budget: { minAvailable: 8 } });
    const observation = await observe(site);
    for (const node of site.nodes) await site.host(node).requireReboot();
    await Promise.all(site.nodes.map((node) => startClassic(site, { node })));
    await untilRolledOut(site);
    observation.stop();
    const moments = observation.moments();

    assertOneAtATime(moments, { drainedApp: "web" });
    assertBudgetKept(moments, { app: "web", minAvailable: 8 });
    assert.deepEqual(bootsInOrder(moments).toSorted(), site.nodes);
    for (const node of site.nodes) {
      assert.deepEqual(statusesOf(moments, node), walkThrough, node);
      assert.equal((await site.host(node).reboots()).length, 1, `calls of the reboot command on ${node}`);
      assert.equal(site.host(node).boots(), 2, `boots of ${node}`);
    }
    assert.equal(await site.readLock(), undefined);
    await waitForPods(cluster.admin, { namespace: site.name, labelSelector: "app=web", count: 10, signal });
    const audit = await cluster.auditEntries({ user: "system:serviceaccount:five:five" });
    const refused = audit.filter(({ code }) => code === 401 || code === 403);
    assert.deepEqual(
      refused.map(({ verb, requestUri, code }) => `${verb} ${requestUri} ${code}`),
      [],
    );
    const kinds = new Set(
      audit.map(({ verb, object }) => [verb, object.resource, object.subresource].join(" ").trim()),
    );
    assert.deepEqual(
      [...kinds].toSorted(),
      [
        "create pods eviction",
        "create selfsubjectaccessreviews",
        "get daemonsets",
        "get nodes",
        "list pods",
        "patch nodes",
        "update daemonsets",
      ],
      "what the daemons asked of the API server",
    );
  });
});

/** As articles print it. */
const walkThrough = [
  "Ready",
  "Ready,SchedulingDisabled",
  "NotReady,SchedulingDisabled",
  "Ready,SchedulingDisabled",
  "Ready",
];
