import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { suite, test } from "node:test";
import type { Daemon } from "../controlplane/daemon.ts";
import { disruptionBudget } from "../controlplane/objects.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { createAll, waitFor } from "../controlplane/waits.ts";
import { evictionsOn } from "./evictions.ts";
import { addWorkload, onSite, siteProxy, startAgent, startClassic, startCoordinator, type Site } from "./site.ts";
import { eventsOf, untilVerdict } from "./told.ts";
import { untilDone } from "./until.ts";

const { cluster, signal } = await suiteCluster();

suite("A budget in the way of a drain", { concurrency: true }, () => {
  test("coordinated, a blocking budget is named and asked every 5 s at most, and the drain goes on when it opens", async () => {
    await onSite({ cluster, name: "blocked", nodes: 2, signal }, async (site) => {
      const node = await blockedNode(site);
      const { port } = await siteProxy(site);
      const args = ["--drain-feasibility=warn"];
      const coordinator = await startCoordinator(site, { args, daemon: { port } });
      await startAgent(site, { node });
      await site.host(node).requireReboot();
      await assertBlocked(site, { node, daemon: coordinator, numbers: "4 of 4 healthy, needs 4" });
      assert.ok((await eventsOf(site, node)).some(({ reason }) => reason === "DrainBlocked"));

      const openedAtMs = await openBudget(site);
      await untilDone(site, { node, timeoutMs: 15_000 });
      await assertWentOn(site, { openedAtMs, withinMs: 1_000 });
    });
  });

  test("classic, a blocking budget is named and asked every 5 s at most, and the next retry finds it open", async () => {
    await onSite({ cluster, name: "blocked-classic", nodes: 2, signal }, async (site) => {
      const node = await blockedNode(site);
      const daemon = await startClassic(site, { node });
      await site.host(node).requireReboot();
      await assertBlocked(site, { node, daemon, numbers: "4 healthy, needs 4" });

      const openedAtMs = await openBudget(site);
      await untilDone(site, { node, timeoutMs: 30_000 });
      await assertWentOn(site, { openedAtMs, withinMs: 18_500 });
    });
  });
});

/** Two of the four pods that a budget wants all of are on this node. */
async function blockedNode(site: Site): Promise<string> {
  await addWorkload(site, { replicas: 4, spread: true, budget: { minAvailable: 4 } });
  return site.nodes[0] ?? "";
}

/** For more than twenty seconds nothing happens but a question now and then, and everybody is told why. */
async function assertBlocked(
  site: Site,
  { node, daemon, numbers }: { readonly node: string; readonly daemon: Daemon; readonly numbers: string },
): Promise<void> {
  const budget = `PDB ${site.name}/web: ${numbers}.`;
  const first = await waitFor("the first eviction", async () => (await evictionsOn(site))[0], { signal });
  const words = `${node}: The drain is blocked: 2 pods left: PDB ${site.name}/web: `;
  await daemon.waitForLine(new RegExp(`${RegExp.escape(words)}4 (of 4 )?healthy, needs 4`));
  const untilMs = first.askedAtMs + watchedMs;
  // Another budget of the namespace that changes all the time says nothing about ours.
  await createAll(cluster.admin, [disruptionBudget({ name: "noise", namespace: site.name, minAvailable: 0 })]);
  for (let count = 0; Date.now() < untilMs; count += 1) {
    await sleep(1_000, undefined, { signal });
    const noise = { kind: "PodDisruptionBudget", metadata: { name: "noise", namespace: site.name } };
    await cluster.admin.patch(noise, { metadata: { annotations: { count: String(count) } } });
  }
  assert.equal(site.host(node).boots(), 1);
  assert.deepEqual(await site.host(node).reboots(), []);
  const evictions = await evictionsOn(site);
  assert.deepEqual(new Set(evictions.map(({ code }) => code)), new Set([429]));
  // Both pods are asked for once, before it is known that one budget has them both; then one asks for all.
  const later = evictions.filter(({ askedAtMs }) => askedAtMs - first.askedAtMs > 1_000);
  assert.ok(evictions.length - later.length <= 2, `${evictions.length - later.length} evictions in the first second`);
  assert.ok(later.length >= 2, `only ${later.length} further tries in ${watchedMs} ms`);
  const times = [first, ...later].map(({ askedAtMs }) => askedAtMs);
  const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
  assert.ok(Math.min(...gaps) >= 4_990, `tries came ${gaps.join(", ")} ms after one another`);
  await untilVerdict(site, { node, code: "DrainBlocked", says: new RegExp(RegExp.escape(budget)) });
}

/** Longer than the twenty seconds in which nothing may happen. */
const watchedMs = 21_000;

/** Answers when it was asked for, in ms since 1970. */
async function openBudget({ name }: Site): Promise<number> {
  const askedAtMs = Date.now();
  await cluster.admin.patch(
    { kind: "PodDisruptionBudget", metadata: { name: "web", namespace: name } },
    { spec: { minAvailable: 1 } },
  );
  return askedAtMs;
}

/** How soon after the budget opened an eviction was let through; it is told, too. */
async function assertWentOn(
  site: Site,
  { openedAtMs, withinMs }: { readonly openedAtMs: number; readonly withinMs: number },
): Promise<void> {
  const accepted = (await evictionsOn(site)).find(({ code }) => code === 201);
  assert.ok(accepted, "no eviction was accepted");
  const told = `${site.name}: the drain went on ${accepted.askedAtMs - openedAtMs} ms after the budget opened`;
  assert.ok(accepted.askedAtMs - openedAtMs < withinMs, told);
  console.log(told);
}
