import { blockDrain, type Mode } from "../cases/one-node.ts";
import { addWorkload, siteProxy, startAgent, startClassic, startCoordinator, type Site } from "../cases/site.ts";
import { untilReported } from "../cases/until.ts";
import type { Daemon } from "../controlplane/daemon.ts";
import type { NodeObject } from "../controlplane/objects.ts";
import type { Proxy } from "../controlplane/proxy.ts";
import { inspectable } from "./heap.ts";

/** A daemon, what stands between it and the API server, and whether it may be killed. */
export interface Member {
  readonly name: string;
  readonly daemon: Daemon;
  readonly proxy: Proxy;
  /** Neither killed nor rebooted, so that its memory is one line from the beginning to the end. */
  readonly steady: boolean;
}

/** One installation of kured under fire. */
export interface Fleet {
  readonly mode: Mode;
  readonly site: Site;
  readonly members: readonly Member[];
  /** Rebooted again and again. */
  readonly rebooting: readonly string[];
  /** Drained again and again, with a pod that never goes, and given back because the need has gone. */
  readonly steady: string;
  /** As the nodes were before kured had touched them. */
  readonly before: ReadonlyMap<string, NodeObject>;
}

const marks = ["--prefer-no-schedule-taint=soak", "--pre-reboot-node-labels=soak=under-way", "--annotate-nodes"];

/** Starts kured on every node of the site; resolves when each has reported. */
export async function startFleet(site: Site, mode: Mode): Promise<Fleet> {
  const steady = site.nodes.at(-1) ?? "";
  const rebooting = site.nodes.slice(0, -1);
  await addWorkload(site, { replicas: 2, budget: { minAvailable: 1 } });
  await blockDrain(site, steady);
  const before = new Map<string, NodeObject>();
  for (const node of site.nodes) before.set(node, await site.readNode(node));
  const members: Member[] = [];
  const add = async (name: string, start: (proxy: Proxy) => Promise<Daemon>, isSteady: boolean) => {
    const proxy = await siteProxy(site);
    members.push({ name, daemon: await start(proxy), proxy, steady: isSteady });
  };
  if (mode === "coordinated") {
    for (const identity of ["coordinator-1", "coordinator-2"]) {
      // Its pod that never goes would otherwise keep the steady node from being drained at all.
      const args = ["--lease-duration=3s", "--drain-feasibility=off", ...marks];
      await add(
        identity,
        ({ port }) => startCoordinator(site, { identity, args, daemon: { port, environment: inspectable } }),
        identity === "coordinator-1",
      );
      // Whose memory is judged leads first: what that takes is there before its warm-up is over.
      await members.at(0)?.daemon.waitForLine(/Acquired the lease/);
    }
  }
  for (const node of site.nodes) {
    const start = async ({ port }: Proxy) =>
      mode === "classic"
        ? await startClassic(site, {
            node,
            args: ["--period=5s", ...marks],
            daemon: { port, environment: inspectable },
          })
        : await startAgent(site, { node, args: ["--period=5s"], daemon: { port, environment: inspectable } });
    await add(`${mode === "classic" ? "classic" : "agent"} ${node}`, start, node === steady);
  }
  await untilReported(site, { need: "notRequired", timeoutMs: 60_000 });
  return { mode, site, members, rebooting, steady, before };
}
