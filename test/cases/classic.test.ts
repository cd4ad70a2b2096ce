import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Cluster } from "../controlplane/cluster.ts";
import { addWorkload, onSite, startClassic, startSuiteCluster, untilDone } from "./site.ts";

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

test("one classic daemon drains, reboots and gives back its node, with kured's rights and nothing more", async () => {
  await onSite({ cluster, name: "one", nodes: 2, signal }, async (site) => {
    await addWorkload(site, { replicas: 2 });
    const [node = ""] = site.nodes;
    const daemon = await startClassic(site, { node });
    await site.host(node).requireReboot();
    try {
      await untilDone(site, { node, timeoutMs: 30_000 });
    } finally {
      for (const { text } of daemon.lines()) console.log(text);
      console.log(JSON.stringify((await site.readNode(node)).metadata.annotations, null, 1));
      console.log(await site.readLock());
    }
    assert.equal(await site.readLock(), undefined);
    const audit = await cluster.auditEntries({ user: `system:serviceaccount:one:one` });
    for (const { verb, code, object } of audit) console.log(verb, object.resource, object.name ?? "", code);
    assert.deepEqual(
      audit.filter(({ code }) => code === 403).map(({ requestUri }) => requestUri),
      [],
    );
  });
});
