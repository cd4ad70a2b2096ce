import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { waitFor } from "../controlplane/waits.ts";
import { caught } from "./outages/caught.ts";
import { assertNoneExited, startClassicFleet, startCoordinated, untilRed } from "./outages/fleet.ts";
import { assertAllWatchesGoOn, isCommit, listedAnew, loseCommitsAnswer } from "./outages/harm.ts";
import { createOutage } from "./outages/outage.ts";
import { addWorkload, siteProxy, type Site } from "./site.ts";
import { untilRolledOut } from "./until.ts";

// The API server is killed once, when each of these cases is in the middle of another phase, and comes back after three
// quarters of a minute on the same data, with its history gone.

const { cluster, signal } = await suiteCluster();
const outage = createOutage({ cluster, cases: 6, lastsMs: 45_000, signal });

describe("the API server is away for three quarters of a minute", { concurrency: 6 }, () => {
  test("classic, in the middle of a drain: the daemons wait, one that is killed meanwhile too, and go on", async () => {
    await caught({ ...shared(), name: "drain", nodes: 2 }, async (site, { meet }) => {
      await addWorkload(site, { replicas: 2, budget: { minAvailable: 2 } });
      const fleet = await startClassicFleet(site);
      for (const node of site.nodes) await site.host(node).requireReboot();
      await untilPhase(site, "draining");
      await meet({
        meanwhile: async () => {
          await Promise.all(fleet.map(({ probe }) => untilRed(site, probe)));
          fleet[0]?.daemon.kill("SIGKILL");
        },
      });
      await Promise.all(fleet.map(({ probe }) => probe.until("/healthz", { status: 200, signal })));
      await openBudget(site);
      await untilRolledOut(site, { timeoutMs: 120_000 });
      assertNoneExited(site, { fleet, killed: [fleet[0]?.daemon] });
    });
  });

  test("classic, with the commit's answer lost: what was committed too long ago is not run, but approved anew", async () => {
    await caught({ ...shared(), name: "commit", nodes: 1 }, async (site, { meet }) => {
      const proxy = await siteProxy(site);
      const fleet = await startClassicFleet(site, { port: proxy.port });
      const committed = loseCommitsAnswer(proxy);
      for (const node of site.nodes) await site.host(node).requireReboot();
      await committed;
      await waitFor("the commit to be in the cluster", async () => (await reportOf(site)).commanded !== undefined, {
        signal,
      });
      await meet();
      assert.deepEqual(await site.host(site.nodes[0] ?? "").reboots(), [], "nothing is rebooted on a guess");
      proxy.heal();
      await untilRolledOut(site, { timeoutMs: 120_000 });
      assertNoneExited(site, { fleet });
    });
  });

  test("classic, while a machine reboots: it is given back when the API server is there again", async () => {
    const host = { reboot: { kind: "boots", downMs: 12_000 } } as const;
    await caught({ ...shared(), name: "reboot", nodes: 2, host }, async (site, { meet }) => {
      const fleet = await startClassicFleet(site);
      for (const node of site.nodes) await site.host(node).requireReboot();
      const off = await untilOneIsOff(site);
      await meet({ meanwhile: () => rebootAtOnce(site, { except: off }) });
      await untilRolledOut(site, { timeoutMs: 120_000 });
      assertNoneExited(site, { fleet });
    });
  });

  test("coordinated, in the middle of a drain: all wait, also those that start meanwhile, and go on", async () => {
    await caught({ ...shared(), name: "co-drain", nodes: 2 }, async (site, { meet }) => {
      await addWorkload(site, { replicas: 2, budget: { minAvailable: 2 } });
      const { coordinator, fleet, proxy } = await startCoordinated(site);
      for (const node of site.nodes) await site.host(node).requireReboot();
      await untilPhase(site, "draining");
      await meet({
        meanwhile: async () => {
          const everybody = [coordinator, ...fleet];
          const red = await Promise.all(everybody.map(({ probe }) => untilRed(site, probe)));
          assert.match(red[0] ?? "", /^news: the Lease could not be had for \d+ s \(.+\)\n$/);
          assert.match(red[1] ?? "", /^news: the watch of our own Node could not be had for \d+ s \(.+\)\n$/);
          for (const { daemon } of everybody) daemon.kill("SIGKILL");
        },
      });
      const everybody = [coordinator, ...fleet];
      for (const path of ["/healthz", "/readyz"] as const)
        await Promise.all(everybody.map(({ probe }) => probe.until(path, { status: 200, signal })));
      await openBudget(site);
      await untilRolledOut(site, { timeoutMs: 120_000 });
      assertNoneExited(site, { fleet, killed: fleet.map(({ daemon }) => daemon) });
      assert.equal(coordinator.daemon.runs(), 2, "the coordinator was killed once and never ended by itself");
      assertAllWatchesGoOn(proxy);
    });
  });

  test("coordinated, between approval and commit: the approval is not used late, and the next one is", async () => {
    await caught({ ...shared(), name: "co-commit", nodes: 1 }, async (site, { meet }) => {
      const commits = await siteProxy(site);
      commits.plan({ matches: isCommit, fault: { kind: "drop" }, times: 1_000 });
      const { coordinator, fleet } = await startCoordinated(site, { agentPort: commits.port });
      for (const node of site.nodes) await site.host(node).requireReboot();
      await waitFor("a commit that does not arrive", () => Promise.resolve(commits.requests().some(isCommit)), {
        signal,
      });
      await meet();
      commits.heal();
      await untilRolledOut(site, { timeoutMs: 120_000 });
      assertNoneExited(site, { fleet });
      assert.equal(coordinator.daemon.runs(), 1);
    });
  });

  test("coordinated, while a machine reboots: watches whose history is gone list anew, and the roll goes on", async () => {
    const host = { reboot: { kind: "boots", downMs: 12_000 } } as const;
    await caught({ ...shared(), name: "co-reboot", nodes: 2, host }, async (site, { meet }) => {
      const agents = await siteProxy(site);
      const { coordinator, fleet, proxy } = await startCoordinated(site, { agentPort: agents.port });
      for (const node of site.nodes) await site.host(node).requireReboot();
      const off = await untilOneIsOff(site);
      await meet({ meanwhile: () => rebootAtOnce(site, { except: off }) });
      await untilRolledOut(site, { timeoutMs: 120_000 });
      assertNoneExited(site, { fleet });
      assert.equal(coordinator.daemon.runs(), 1);
      assertAllWatchesGoOn(proxy);
      assert.ok(
        site.nodes.some((node) => listedAnew(agents, node)),
        "an agent was told that its history is gone, and listed anew",
      );
    });
  });
});

/** Of every case. */
function shared() {
  return { cluster, outage, signal };
}

async function reportOf(site: Site): Promise<{ readonly commanded?: object }> {
  const { annotations = {} } = (await site.readNode(site.nodes[0] ?? "")).metadata;
  return JSON.parse(annotations["kured.dev/report"] ?? "{}") as { commanded?: object };
}

async function untilPhase(site: Site, phase: string): Promise<void> {
  await waitFor(
    `a node of ${site.name} to be ${phase}`,
    async () => {
      const nodes = await Promise.all(site.nodes.map((node) => site.readNode(node)));
      return nodes.some(({ metadata }) => metadata.annotations?.["kured.dev/maintenance"]?.includes(`"${phase}"`));
    },
    { signal: site.signal },
  );
}

/** Resolves with the node whose machine is off. */
async function untilOneIsOff(site: Site): Promise<string> {
  const off = () => Promise.resolve(site.nodes.find((node) => site.host(node).initPid() === undefined));
  return await waitFor(`a machine of ${site.name} to be off`, off, { signal: site.signal });
}

async function rebootAtOnce(site: Site, { except }: { readonly except: string }): Promise<void> {
  for (const node of site.nodes) if (node !== except) await site.host(node).setRebootBehaviour({ kind: "boots" });
}

async function openBudget(site: Site): Promise<void> {
  const budget = { kind: "PodDisruptionBudget", metadata: { name: "web", namespace: site.name } };
  await site.cluster.admin.patch(budget, { spec: { minAvailable: 1 } });
}
