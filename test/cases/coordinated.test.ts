import assert from "node:assert/strict";
import { test } from "node:test";
import { freePort } from "../controlplane/cluster/component.ts";
import type { AuditEntry } from "../controlplane/cluster/audit.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { waitFor, waitForPods } from "../controlplane/waits.ts";
import { eventsOf, nodeStates } from "./told.ts";
import { observe, type Moment } from "./observe.ts";
import { assertBudgetKept, assertOneAtATime, bootsInOrder } from "./promises.ts";
import { addWorkload, onSite, startAgent, startCoordinator, type Site } from "./site.ts";
import { untilReported, untilRolledOut } from "./until.ts";

const { cluster, signal } = await suiteCluster();

test("coordinated, five nodes that want a reboot get one, one after the other, the oldest need first", async () => {
  await onSite({ cluster, name: "five", nodes: 5, signal }, async (site) => {
    await addWorkload(site, { replicas: 10, budget: { minAvailable: 8 } });
    const metricsPort = await freePort();
    await startCoordinator(site, { args: [`--metrics-port=${metricsPort}`] });
    await Promise.all(site.nodes.map((node) => startAgent(site, { node })));
    await untilReported(site, { need: "notRequired" });
    const observation = await observe(site);

    const wanted = ["five-n3", "five-n1", "five-n5", "five-n2", "five-n4"];
    for (const node of wanted) {
      await site.host(node).requireReboot();
      await untilReported(site, { nodes: [node], need: "required", orRebooted: true });
    }
    const seenStates = new Set<string>();
    await untilRolledOut(site, {
      meanwhile: async () => {
        for (const { code } of await nodeStates(metricsPort)) seenStates.add(code);
      },
    });
    observation.stop();
    const moments = observation.moments();

    assertOneAtATime(moments, { drainedApp: "web" });
    assertBudgetKept(moments, { app: "web", minAvailable: 8 });
    assert.deepEqual(bootsInOrder(moments), wanted);
    await assertOneCommandEach(site);
    assert.equal(await site.readLock(), undefined);
    await waitForPods(cluster.admin, { namespace: site.name, labelSelector: "app=web", count: 10, signal });
    await assertNothingIsLeft(site, { moments });
    await assertTold(site, { metricsPort, seenStates });
    await assertAudit(site, { moments, wanted });
  });
});

async function assertOneCommandEach(site: Site): Promise<void> {
  for (const node of site.nodes) {
    assert.equal((await site.host(node).reboots()).length, 1, `calls of the reboot command on ${node}`);
    assert.equal(site.host(node).boots(), 2, `boots of ${node}`);
  }
}

async function assertNothingIsLeft(site: Site, { moments }: { readonly moments: readonly Moment[] }): Promise<void> {
  for (const [node, { cordoned, phase, ready }] of moments.at(-1)?.nodes ?? []) {
    assert.deepEqual({ cordoned, phase, ready }, { cordoned: false, phase: undefined, ready: true }, node);
  }
  await waitFor(
    "verdicts of what is over to be taken off the nodes",
    async () => {
      const nodes = await Promise.all(site.nodes.map((node) => site.readNode(node)));
      return nodes.every(({ metadata }) => metadata.annotations?.["kured.dev/verdict"] === undefined);
    },
    { signal, timeoutMs: 5_000 },
  );
}

/** Each step is an Event of its Node once, and a metric that names the node's present state and no other. */
async function assertTold(
  site: Site,
  { metricsPort, seenStates }: { readonly metricsPort: number; readonly seenStates: ReadonlySet<string> },
): Promise<void> {
  for (const node of site.nodes) {
    const events = await eventsOf(site, node);
    for (const reason of ["Claiming", "Draining", "Approved", "Rebooting", "Returning", "Done"]) {
      const told = events.filter((event) => event.reason === reason);
      assert.ok(told.length > 0, `${node} has no event ${reason}, only ${events.map((event) => event.reason).join()}`);
    }
    assert.equal(events.filter(({ reason }) => reason === "Done").length, 1, `${node} was done once`);
  }
  const states = await nodeStates(metricsPort);
  assert.deepEqual(
    states.map(({ node, code, value }) => `${node} ${code} ${value}`),
    site.nodes.map((node) => `${node} NotRequired 1`),
  );
  for (const code of ["BudgetFull", "Rebooting"]) assert.ok(seenStates.has(code), `no metric ever said ${code}`);
}

/**
 * By the API server's own words: nobody was refused, and between taking the lock and giving it back one node was
 * drained.
 */
async function assertAudit(
  site: Site,
  { moments, wanted }: { readonly moments: readonly Moment[]; readonly wanted: readonly string[] },
): Promise<void> {
  const entries = await site.cluster.auditEntries();
  const by = (account: string) =>
    entries.filter(({ user }) => user === `system:serviceaccount:${site.name}:${account}`);
  const [coordinator, agents] = [by(`${site.name}-coordinator`), by(site.name)];
  const refused = [...coordinator, ...agents].filter(({ code }) => code === 401 || code === 403);
  assert.deepEqual(
    refused.map(({ verb, requestUri }) => `${verb} ${requestUri}`),
    [],
  );

  const nodeOf = new Map(moments.flatMap(({ pods }) => pods.map(({ name, node }) => [name, node] as const)));
  const turns: Set<string | undefined>[] = [];
  let open = false;
  for (const entry of coordinator.toSorted((one, other) => +one.completedAt - +other.completedAt)) {
    if (isLedgerWrite(entry)) {
      open = !open;
      if (open) turns.push(new Set());
    } else if (entry.object.subresource === "eviction" && entry.code === 201) {
      assert.ok(open, `${entry.object.name} was evicted while nobody held the lock`);
      turns.at(-1)?.add(nodeOf.get(entry.object.name ?? ""));
    }
  }
  assert.deepEqual(
    turns.map((nodes) => [...nodes]),
    wanted.map((node) => [node]),
  );
}

function isLedgerWrite({ verb, object, code }: AuditEntry): boolean {
  return object.resource === "daemonsets" && verb === "update" && code === 200;
}
