import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../../controlplane/cluster.ts";
import type { Daemon } from "../../controlplane/daemon.ts";
import { startProxy, type Proxy, type ProxyOptions } from "../../controlplane/proxy.ts";
import { waitFor } from "../../controlplane/waits.ts";
import { observe, type Moment } from "../observe.ts";
import { addWorkload, onSite, startAgent, startClassic, startCoordinator, type Site } from "../site.ts";
import { untilReported, untilRolledOut } from "../until.ts";

/** Which of the daemons stands behind the proxy; of agents and classic daemons that of the first node. */
export type Role = "agent" | "coordinator" | "classic";

export const roles: readonly Role[] = ["agent", "coordinator", "classic"];

export interface RollOutOptions {
  readonly cluster: Cluster;
  readonly role: Role;
  /** Of the site; no other one may have it. */
  readonly name: string;
  /** Of the proxy; what changes a cluster unless given. */
  readonly counts?: ProxyOptions["counts"];
  /** The daemon behind the proxy comes back this long after it ended, as a container does; 200 unless given. */
  readonly restartAfterMs?: number;
  /** Further flags of the coordinator. */
  readonly coordinatorArgs?: readonly string[];
  readonly signal: AbortSignal;
}

/** A site on which something is about to happen. */
export interface Victim {
  readonly site: Site;
  readonly proxy: Proxy;
  /** The one behind the proxy, once it has been started. */
  readonly daemon: Promise<Daemon>;
}

/**
 * Two nodes with one pod each to move want a reboot, the first a little earlier. `harm` begins before the first
 * write; when it has resolved and both nodes have had their reboot, this does, with everything that happened.
 */
export async function rollOut(options: RollOutOptions, { harm, check }: Harmful): Promise<void> {
  const { cluster, name, signal, counts } = options;
  await onSite({ cluster, name, nodes: 2, signal }, async (site) => {
    await addWorkload(site, { replicas: 2, spread: true });
    const observation = await observe(site);
    const proxy = await siteProxy(site, counts);
    const daemons: Daemon[] = [];
    const { promise: daemon, resolve: started } = Promise.withResolvers<Daemon>();
    const victim: Victim = { site, proxy, daemon };
    try {
      const harmed = harm && startHarm(() => harm(victim));
      for await (const one of startDaemons(site, { ...options, proxy, started })) daemons.push(one);
      await Promise.race([untilAllRebooted(site, harmed), ...(harmed ? [harmed.failed] : [])]);
      observation.stop();
      await check(victim, observation.moments());
    } catch (error) {
      throw new Error(`${name}: ${String(error)}\n${lastWords(daemons)}`, { cause: error });
    }
  });
}

/** What is done to a roll-out, if anything, and what must hold in the end. */
export interface Harmful {
  readonly harm?: (victim: Victim) => Promise<void>;
  readonly check: (victim: Victim, moments: readonly Moment[]) => Promise<void>;
}

async function untilAllRebooted(site: Site, harmed: Harm | undefined): Promise<void> {
  await makeNeeds(site, harmed);
  await untilRolledOut(site, { timeoutMs });
  await harmed?.untilOver(lateMs);
  await untilRolledOut(site, { timeoutMs });
}

/** Every node is rebooted within this, whatever was killed: an agent waits ten seconds before it believes a thing. */
const timeoutMs = 75_000;
/** The last writes of all, which take verdicts off, come this late at most. */
const lateMs = 5_000;

/** A proxy through which a coordinator sees the nodes of this site and no other. */
export async function siteProxy(site: Site, counts?: ProxyOptions["counts"]): Promise<Proxy> {
  const { cluster, name } = site;
  const proxy = await startProxy({ cluster, nodeSelector: `site=${name}`, ...(counts && { counts }) });
  site.atEnd(() => proxy.stop());
  return proxy;
}

interface Harm {
  isOver(): boolean;
  /** Rejects when it is not over after that time. */
  untilOver(timeoutMs: number): Promise<void>;
  /** Rejects as the harm does, and never resolves. */
  readonly failed: Promise<never>;
}

function startHarm(begin: () => Promise<void>): Harm {
  let over = false;
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => undefined); // Who waits for it is told.
  begin().then(() => (over = true), reject);
  return {
    failed,
    isOver: () => over,
    untilOver: async (timeoutMs) => {
      for (const deadlineMs = Date.now() + timeoutMs; !over; await sleep(50)) {
        if (Date.now() > deadlineMs) throw new NeverHappened("What was to be disturbed did not happen");
      }
    },
  };
}

/** The instant at which harm was to be done did not come in this run. */
export class NeverHappened extends Error {
  override readonly name = "NeverHappened";
}

async function* startDaemons(
  site: Site,
  {
    role,
    proxy: { port },
    started,
    restartAfterMs = 200,
    coordinatorArgs: args = [],
  }: RollOutOptions & { readonly proxy: Proxy; readonly started: (daemon: Daemon) => void },
): AsyncGenerator<Daemon> {
  const [first = "", second = ""] = site.nodes;
  const victim = { port, restartAfterMs };
  const begun = (daemon: Daemon): Daemon => {
    started(daemon);
    return daemon;
  };
  switch (role) {
    case "classic":
      yield begun(await startClassic(site, { node: first, daemon: victim }));
      yield await startClassic(site, { node: second });
      return;
    case "agent":
      yield begun(await startAgent(site, { node: first, daemon: victim }));
      yield await startAgent(site, { node: second });
      yield await startCoordinator(site, { daemon: { port: (await siteProxy(site)).port } });
      return;
    case "coordinator":
      for (const node of site.nodes) yield await startAgent(site, { node });
      yield begun(await startCoordinator(site, { args, daemon: victim }));
  }
}

function lastWords(daemons: readonly Daemon[]): string {
  const lines = daemons.flatMap((daemon, index) => daemon.lines().map((line) => ({ ...line, index })));
  return lines
    .toSorted((one, other) => one.atMs - other.atMs)
    .slice(-80)
    .map(({ atMs, index, run, text }) => `${new Date(atMs).toISOString()} daemon ${index} run ${run}: ${text}`)
    .join("\n");
}

/** The second node wants a reboot only when the first has been claimed, so that their order is the same each time. */
async function makeNeeds(site: Site, harmed: Harm | undefined): Promise<void> {
  const [first = "", second = ""] = site.nodes;
  const over = waitFor("the harm", () => Promise.resolve(harmed?.isOver()), { signal: site.signal, timeoutMs });
  over.catch(() => undefined); // Only one of several that may come first.
  await Promise.race([untilReported(site, { need: "notRequired" }), over]);
  await site.host(first).requireReboot();
  await Promise.race([untilClaimed(site, first), over]);
  await site.host(second).requireReboot();
}

async function untilClaimed(site: Site, node: string): Promise<void> {
  await waitFor(
    `${node} to be claimed`,
    async () => {
      const { annotations = {} } = (await site.readNode(node)).metadata;
      return site.host(node).boots() > 1 || /"phase":"(?!intended)/.test(annotations["kured.dev/maintenance"] ?? "");
    },
    { signal: site.signal, timeoutMs },
  );
}
