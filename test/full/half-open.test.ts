import assert from "node:assert/strict";
import { test } from "node:test";
import { createProbe } from "../cases/outages/probe.ts";
import { onSite, siteProxy, startAgent, startCoordinator } from "../cases/site.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { untilReported, untilRolledOut } from "../cases/until.ts";

const { cluster, signal } = await suiteCluster();

test("watches whose connection is dead without a word are noticed after three minutes, and the roll goes on", async () => {
  await onSite({ cluster, name: "half-open", nodes: 1, signal }, async (site) => {
    const [node = ""] = site.nodes;
    const proxy = await siteProxy(site);
    const probe = await createProbe();
    const coordinator = await startCoordinator(site, { args: [probe.flag], daemon: { port: proxy.port } });
    const agent = await startAgent(site, { node, daemon: { port: proxy.port } });
    await untilReported(site, { need: "notRequired" });
    proxy.closeWatches("halfOpen");
    const deadAtMs = Date.now();
    await site.host(node).requireReboot();
    await untilReported(site, { need: "required" });
    await untilRolledOut(site, { timeoutMs: 240_000 });

    // Nothing but the watch could have told the coordinator, so this is the time that it takes to give one up.
    const tookMs = Date.now() - deadAtMs;
    assert.ok(tookMs > 150_000, `the roll took ${tookMs} ms, so the watches were not dead`);
    assert.equal((await site.host(node).reboots()).length, 1);
    assert.equal(agent.runs(), 2);
    assert.equal(coordinator.runs(), 1);
    assert.equal((await probe.ask("/healthz")).status, 200);
  });
});
