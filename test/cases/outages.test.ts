import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Cluster } from "../controlplane/cluster.ts";
import type { Daemon } from "../controlplane/daemon.ts";
import type { Proxy } from "../controlplane/proxy.ts";
import type { ProxiedRequest } from "../controlplane/proxy/requests.ts";
import { waitFor } from "../controlplane/waits.ts";
import { observe, type Moment } from "./observe.ts";
import { createOutage, type SharedOutage } from "./outages/outage.ts";
import { createProbe, type Probe } from "./outages/probe.ts";
import { assertOneAtATime } from "./promises.ts";
import {
  addWorkload,
  onSite,
  siteProxy,
  startAgent,
  startClassic,
  startCoordinator,
  startSuiteCluster,
  type Site,
  type SiteOptions,
} from "./site.ts";
import { untilReported, untilRolledOut } from "./until.ts";

// The API server is killed once, when each of these cases is in the middle of another phase, and comes back after half
// a minute on the same data, with its history gone.

const ending = new AbortController();
const { signal } = ending;
let cluster: Cluster;
let outage: SharedOutage;

before(async () => {
  cluster = await startSuiteCluster(signal);
  outage = createOutage({ cluster, cases: 6, lastsMs: 30_000, signal });
});
after(async () => {
  await cluster?.stop();
  ending.abort(new Error("The suite is over"));
});

describe("the API server is away for half a minute", { concurrency: 6 }, () => {
  test("classic, in the middle of a drain: the daemons wait, one that is killed meanwhile too, and go on", async () => {
    await caught({ name: "drain", nodes: 2 }, async (site, { meet }) => {
      await addWorkload(site, { replicas: 2, budget: { minAvailable: 2 } });
      const fleet = await startClassicFleet(site);
      for (const node of site.nodes) await site.host(node).requireReboot();
      await untilPhase(site, "draining");
      await meet({
        meanwhile: async () => {
          await Promise.all(fleet.map(({ probe }) => untilRed(probe)));
          fleet[0]?.daemon.kill("SIGKILL");
        },
      });
      await Promise.all(fleet.map(({ probe }) => probe.until("/healthz", { status: 200, signal })));
      await openBudget(site);
      await untilRolledOut(site, { timeoutMs: 30_000 });
      assertNoneExited(site, { fleet, killed: [fleet[0]?.daemon] });
    });
  });

  test("classic, with the commit's answer lost: what was committed too long ago is not run, but approved anew", async () => {
    await caught({ name: "commit", nodes: 1 }, async (site, { meet }) => {
      const proxy = await siteProxy(site);
      const fleet = await startClassicFleet(site, { port: proxy.port });
      const committed = loseCommitsAnswer(proxy);
      for (const node of site.nodes) await site.host(node).requireReboot();
      await committed;
      await waitFor("the commit to be in the cluster", async () => (await reportOf(site)).commanded !== undefined, {
        signal,
      });
      await meet({ meanwhile: () => Promise.resolve() });
      assert.deepEqual(await site.host(site.nodes[0] ?? "").reboots(), [], "nothing is rebooted on a guess");
      proxy.heal();
      await untilRolledOut(site, { timeoutMs: 40_000 });
      assertNoneExited(site, { fleet });
    });
  });

  test("classic, while a machine reboots: it is given back when the API server is there again", async () => {
    const host = { reboot: { kind: "boots", downMs: 12_000 } } as const;
    await caught({ name: "reboot", nodes: 2, host }, async (site, { meet }) => {
      const fleet = await startClassicFleet(site);
      for (const node of site.nodes) await site.host(node).requireReboot();
      const off = await untilOneIsOff(site);
      await meet({ meanwhile: () => rebootAtOnce(site, { except: off }) });
      await untilRolledOut(site, { timeoutMs: 50_000 });
      assertNoneExited(site, { fleet });
    });
  });

  test("coordinated, in the middle of a drain: all wait, also those that start meanwhile, and go on", async () => {
    await caught({ name: "co-drain", nodes: 2 }, async (site, { meet }) => {
      await addWorkload(site, { replicas: 2, budget: { minAvailable: 2 } });
      const { coordinator, fleet, proxy } = await startCoordinated(site);
      for (const node of site.nodes) await site.host(node).requireReboot();
      await untilPhase(site, "draining");
      await meet({
        meanwhile: async () => {
          const everybody = [coordinator, ...fleet];
          const red = await Promise.all(everybody.map(({ probe }) => untilRed(probe)));
          assert.match(red[0] ?? "", /^news: the Lease could not be had for \d+ s \(.+\)\n$/);
          assert.match(red[1] ?? "", /^news: the watch of our own Node could not be had for \d+ s \(.+\)\n$/);
          for (const { daemon } of everybody) daemon.kill("SIGKILL");
        },
      });
      const everybody = [coordinator, ...fleet];
      for (const path of ["/healthz", "/readyz"] as const)
        await Promise.all(everybody.map(({ probe }) => probe.until(path, { status: 200, signal })));
      await openBudget(site);
      await untilRolledOut(site, { timeoutMs: 30_000 });
      assertNoneExited(site, { fleet, killed: fleet.map(({ daemon }) => daemon) });
      assert.equal(coordinator.daemon.runs(), 2, "the coordinator was killed once and never ended by itself");
      assertAllWatchesGoOn(proxy);
    });
  });

  test("coordinated, between approval and commit: the approval is not used late, and the next one is", async () => {
    await caught({ name: "co-commit", nodes: 1 }, async (site, { meet }) => {
      const commits = await siteProxy(site);
      commits.plan({ matches: isCommit, fault: { kind: "drop" }, times: 1_000 });
      const { coordinator, fleet } = await startCoordinated(site, { agentPort: commits.port });
      for (const node of site.nodes) await site.host(node).requireReboot();
      await waitFor("a commit that does not arrive", () => Promise.resolve(commits.requests().some(isCommit)), {
        signal,
      });
      await meet({ meanwhile: () => Promise.resolve() });
      commits.heal();
      await untilRolledOut(site, { timeoutMs: 40_000 });
      assertNoneExited(site, { fleet });
      assert.equal(coordinator.daemon.runs(), 1);
    });
  });

  test("coordinated, while a machine reboots: watches whose history is gone list anew, and the roll goes on", async () => {
    const host = { reboot: { kind: "boots", downMs: 12_000 } } as const;
    await caught({ name: "co-reboot", nodes: 2, host }, async (site, { meet }) => {
      const agents = await siteProxy(site);
      const { coordinator, fleet, proxy } = await startCoordinated(site, { agentPort: agents.port });
      for (const node of site.nodes) await site.host(node).requireReboot();
      const off = await untilOneIsOff(site);
      await meet({ meanwhile: () => rebootAtOnce(site, { except: off }) });
      await untilRolledOut(site, { timeoutMs: 50_000 });
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

interface Caught {
  /**
   * Meets the outage and resolves when it is over. `meanwhile` is given twenty seconds of it; what must never be is
   * looked for before and after.
   */
  meet(options: { readonly meanwhile: () => Promise<void> }): Promise<void>;
}

/** A case that is caught by the outage; at its end each node was rebooted exactly once and nothing is left. */
async function caught(
  options: Omit<SiteOptions, "cluster" | "signal">,
  work: (site: Site, caught: Caught) => Promise<void>,
): Promise<void> {
  let met = false;
  try {
    await onSite({ cluster, signal, ...options }, async (site) => {
      const first = await observe(site);
      const meet: Caught["meet"] = async ({ meanwhile }) => {
        first.stop();
        met = true;
        await outage.begun();
        await Promise.all([meanwhile(), outage.over()]);
        const second = await observe(site);
        site.atEnd(() => Promise.resolve(second.stop()));
        assertOneAtATime(first.moments(), {});
        seconds.set(site, second);
      };
      const seconds = new Map<Site, Awaited<ReturnType<typeof observe>>>();
      await toldOnFailure(site, () => work(site, { meet }));
      const second = seconds.get(site);
      second?.stop();
      assertOneAtATime(wholeViews(site, second?.moments() ?? []), {});
      for (const node of site.nodes) {
        assert.equal((await site.host(node).reboots()).length, 1, `calls of the reboot command on ${node}`);
        assert.equal(site.host(node).boots(), 2, `boots of ${node}`);
      }
      assert.equal(await site.readLock(), undefined);
    });
  } finally {
    if (!met) outage.without();
  }
}

/** Shows what the daemons said last and what stands on the nodes, before everything is taken down. */
async function toldOnFailure(site: Site, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    for (const daemon of daemons.get(site.name) ?? [])
      for (const { text, atMs } of daemon.lines().slice(-40))
        console.log(site.name, new Date(atMs).toISOString(), text);
    for (const node of site.nodes) console.log(JSON.stringify((await site.readNode(node)).metadata.annotations));
    console.log(site.name, await site.readLock());
    throw error;
  }
}

/** By the name of the site. */
const daemons = new Map<string, Daemon[]>();

function remember(site: Site, daemon: Daemon): Daemon {
  daemons.set(site.name, [...(daemons.get(site.name) ?? []), daemon]);
  return daemon;
}

/** The moments from the one on in which every object of the site has been told of. */
function wholeViews(site: Site, moments: readonly Moment[]): readonly Moment[] {
  const told = new Set<string>();
  const wanted = [...site.nodes.map((node) => `Node ${node}`), `DaemonSet ${site.name}`];
  const first = moments.findIndex(({ changed }) => {
    told.add(changed);
    return wanted.every((what) => told.has(what));
  });
  assert.notEqual(first, -1, "the second observation saw the whole site");
  return moments.slice(first);
}

interface Member {
  readonly daemon: Daemon;
  readonly probe: Probe;
  readonly node: string;
}

async function startClassicFleet(site: Site, { port }: { readonly port?: number } = {}): Promise<readonly Member[]> {
  return await Promise.all(
    site.nodes.map(async (node) => {
      const probe = await createProbe();
      const daemon = await startClassic(site, {
        node,
        args: ["--period=5s", probe.flag],
        ...(port !== undefined && { daemon: { port } }),
      });
      return { daemon: remember(site, daemon), probe, node };
    }),
  );
}

async function startCoordinated(
  site: Site,
  { agentPort }: { readonly agentPort?: number } = {},
): Promise<{ readonly coordinator: Omit<Member, "node">; readonly fleet: readonly Member[]; readonly proxy: Proxy }> {
  const proxy = await siteProxy(site);
  const probe = await createProbe();
  const args = ["--lease-duration=3s", probe.flag];
  const daemon = await startCoordinator(site, { args, daemon: { port: proxy.port } });
  remember(site, daemon);
  const fleet = await Promise.all(
    site.nodes.map(async (node) => {
      const own = await createProbe();
      const agent = await startAgent(site, {
        node,
        args: ["--period=5s", own.flag],
        ...(agentPort !== undefined && { daemon: { port: agentPort } }),
      });
      return { daemon: remember(site, agent), probe: own, node };
    }),
  );
  await untilReported(site, { need: "notRequired" });
  return { coordinator: { daemon, probe }, fleet, proxy };
}

/** Red for the kubelet, with a sentence, and of course not ready either. */
async function untilRed(probe: Probe): Promise<string> {
  const text = await probe.until("/healthz", { status: 503, signal, timeoutMs: 25_000 });
  assert.equal((await probe.ask("/readyz")).status, 503);
  return text;
}

function isCommit({ method, body }: ProxiedRequest): boolean {
  return method === "PATCH" && body.includes('\\"commanded\\"') && body.includes("/spec/unschedulable");
}

/** The API server applies the next commit, its answer breaks off, and nothing can be read from then on. */
function loseCommitsAnswer(proxy: Proxy): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let lost = false;
  proxy.plan({
    matches: (request) => {
      const hit = !lost && isCommit(request);
      if (hit) lost = true;
      if (hit) resolve();
      return hit;
    },
    fault: { kind: "cut" },
  });
  proxy.plan({ matches: () => lost, fault: { kind: "drop" }, times: 1_000 });
  return promise;
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
    { signal },
  );
}

/** Resolves with the node whose machine is off. */
async function untilOneIsOff(site: Site): Promise<string> {
  const off = () => Promise.resolve(site.nodes.find((node) => site.host(node).initPid() === undefined));
  return await waitFor(`a machine of ${site.name} to be off`, off, { signal });
}

async function rebootAtOnce(site: Site, { except }: { readonly except: string }): Promise<void> {
  for (const node of site.nodes) if (node !== except) await site.host(node).setRebootBehaviour({ kind: "boots" });
}

async function openBudget(site: Site): Promise<void> {
  const budget = { kind: "PodDisruptionBudget", metadata: { name: "web", namespace: site.name } };
  await site.cluster.admin.patch(budget, { spec: { minAvailable: 1 } });
}

/** A daemon starts once for every boot of its machine, and once more where it was killed. */
function assertNoneExited(
  site: Site,
  { fleet, killed = [] }: { readonly fleet: readonly Member[]; readonly killed?: readonly (Daemon | undefined)[] },
): void {
  for (const { daemon, node } of fleet) {
    const expected = site.host(node).boots() + (killed.includes(daemon) ? 1 : 0);
    assert.equal(daemon.runs(), expected, `starts of the daemon on ${node}`);
  }
}

/** Whether a watch of this Node was followed by a list at once: an agent that starts asks for the Node first. */
function listedAnew(proxy: Proxy, node: string): boolean {
  const reads = proxy.requests().filter(({ method, path, status }) => {
    return method === "GET" && path.includes(node) && status !== undefined;
  });
  return reads.some(({ path, isWatch }, index) => {
    return !isWatch && path.includes("limit=") && reads[index - 1]?.isWatch === true;
  });
}

/** The API server was asked for each kind again after the outage, and at the end every watch was open. */
function assertAllWatchesGoOn(proxy: Proxy): void {
  const watches = proxy.requests().filter(({ isWatch }) => isWatch);
  for (const kind of ["/api/v1/nodes", "/daemonsets"]) {
    const last = watches.findLast(({ path }) => path.includes(kind));
    assert.equal(last?.status, 200, `the last watch of ${kind}`);
  }
}
