import assert from "node:assert/strict";
import { test } from "node:test";
import { observe, type Moment } from "./observe.ts";
import { assertOneAtATime } from "./promises.ts";
import { addWorkload, onSite, startAgent, startCoordinator } from "./site.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { untilReported, untilRolledOut } from "./until.ts";

const { cluster, signal } = await suiteCluster();

test("coordinated, the next node is claimed within a second of the last one's being back", async () => {
  await onSite({ cluster, name: "baton", nodes: 5, signal }, async (site) => {
    // So that there is something to find out about the next drain: it must be known before its turn.
    await addWorkload(site, { replicas: 5, budget: { maxUnavailable: 1 } });
    await startCoordinator(site);
    await Promise.all(site.nodes.map((node) => startAgent(site, { node })));
    await untilReported(site, { need: "notRequired" });
    const observation = await observe(site);
    await Promise.all(site.nodes.map((node) => site.host(node).requireReboot()));
    await untilRolledOut(site);
    observation.stop();
    const moments = observation.moments();

    assertOneAtATime(moments);
    const delaysMs = handOffs(moments).toSorted((one, other) => one - other);
    assert.equal(delaysMs.length, site.nodes.length - 1);
    assert.ok(delaysMs.every(Number.isFinite), "a node was claimed before the last one was back");
    const median = delaysMs[Math.floor(delaysMs.length / 2)] ?? NaN;
    const longest = delaysMs.at(-1) ?? NaN;
    console.log(`${delaysMs.length} hand-offs: median ${median} ms, longest ${longest} ms`);
    assert.ok(longest < 1_000, `a hand-off took ${longest} ms`);
  });
});

/**
 * For each node but the last: how long it took, by what a watch tells and when, from the node's being Ready with its
 * new boot's report in the API to the next node's being in the lock.
 */
function handOffs(moments: readonly Moment[]): readonly number[] {
  const backAtMs = new Map<string, number>();
  const bootAtClaim = new Map<string, string | undefined>();
  const delaysMs: number[] = [];
  let before: string | undefined;
  for (const { atMs, nodes, holders } of moments) {
    const [holder] = holders;
    if (holder !== undefined && !bootAtClaim.has(holder)) {
      bootAtClaim.set(holder, nodes.get(holder)?.report?.boot);
      if (before !== undefined) delaysMs.push(atMs - (backAtMs.get(before) ?? NaN));
      before = holder;
    }
    for (const [node, boot] of bootAtClaim) {
      const { ready, report } = nodes.get(node) ?? {};
      const isBack = ready === true && report !== undefined && report.boot !== boot;
      if (isBack && !backAtMs.has(node)) backAtMs.set(node, atMs);
    }
  }
  return delaysMs;
}
