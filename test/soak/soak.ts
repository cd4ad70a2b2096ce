import { setTimeout as sleep } from "node:timers/promises";
import { dice } from "../../sim/world/time/dice.ts";
import type { Mode } from "../cases/one-node.ts";
import { onSite } from "../cases/site.ts";
import type { Cluster } from "../controlplane/cluster.ts";
import { waitFor } from "../controlplane/waits.ts";
import { startFleet, type Fleet } from "./fleet.ts";
import { leftBehind } from "./left-behind.ts";
import { Memory, type Course } from "./memory.ts";
import { harmApiServer, harmFleet } from "./mischief.ts";
import { isIdle, keepBusy, type Work } from "./work.ts";

export interface SoakOptions {
  readonly cluster: Cluster;
  readonly modes: readonly Mode[];
  readonly minutes: number;
  /** Of all chance; the same one draws the same faults, which strike a real cluster that is never the same twice. */
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

/** What came of it. */
export interface SoakEnd {
  /** How often each kind of harm was done. */
  readonly harm: ReadonlyMap<string, number>;
  readonly fleets: readonly FleetEnd[];
  readonly memory: readonly Course[];
}

/** What came of one installation. */
export interface FleetEnd {
  readonly mode: Mode;
  readonly nodes: readonly RebootedNode[];
  /** How often the drain of the steady node was given up because its need had gone. */
  readonly givenBack: number;
  readonly leftBehind: readonly string[];
  /** Simulated machines that did not boot as they were told to: the test's own failure. */
  readonly brokenMachines: readonly string[];
  /** Moments at which more than one node was in the lock. */
  readonly twoHolders: readonly string[];
}

/** How often a node needed a reboot, had its command run, and came up again after the first time. */
export interface RebootedNode {
  readonly node: string;
  readonly required: number;
  readonly commanded: number;
  readonly booted: number;
}

const sampleEveryMs = 2_000;
/** All that was begun is ended by then, by whoever lives. */
const quietMs = 180_000;
/** So long nothing happens any more: a write that was late, or a daemon that was slow, would show by then. */
const restMs = 10_000;

/** Lets kured work under fire for so many minutes, lets it finish in peace, and looks at what is left. */
export async function soak(options: SoakOptions): Promise<SoakEnd> {
  const { cluster, modes, signal } = options;
  const fleets: Fleet[] = [];
  let end: SoakEnd | undefined;
  // Sites within sites: each is taken down when what is within it is over.
  const begin = async ([mode, ...rest]: readonly Mode[]): Promise<void> => {
    if (mode === undefined) {
      end = await soakFleets(fleets, options);
      return;
    }
    await onSite({ cluster, name: `soak-${mode}`, nodes: 3, signal }, async (site) => {
      fleets.push(await startFleet(site, mode));
      await begin(rest);
    });
  };
  await begin(modes);
  if (end === undefined) throw new Error("There is no mode to run");
  return end;
}

async function soakFleets(fleets: readonly Fleet[], options: SoakOptions): Promise<SoakEnd> {
  const { cluster, minutes, seed, tell } = options;
  const drawn = dice(seed);
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const harm = new Map<string, number>();
  const count = (what: string): void => void harm.set(what, (harm.get(what) ?? 0) + 1);
  const memory = new Memory();
  const holders = fleets.map(watchHolders);
  const works = fleets.map((fleet) => keepBusy(fleet, { dice: drawn.fork(`work ${fleet.mode}`), signal }));
  const trouble = [
    ...fleets.map((fleet) => harmFleet(fleet, { dice: drawn.fork(`harm ${fleet.mode}`), count, signal })),
    harmApiServer(cluster, {
      dice: drawn.fork("API server"),
      count,
      signal,
      everyMs: Math.min(60, minutes * 25) * 1_000,
    }),
  ];
  const daemons = new Map(
    fleets.flatMap(({ mode, members }) => members.map(({ name, daemon }) => [`${mode}: ${name}`, daemon] as const)),
  );
  const endMs = Date.now() + minutes * 60_000;
  let toldMs = Date.now();
  try {
    while (Date.now() < endMs) {
      await sleep(sampleEveryMs, undefined, { signal: options.signal });
      await memory.look(daemons);
      await Promise.all(holders.map((watcher) => watcher.look()));
      if (Date.now() - toldMs < 60_000) continue;
      toldMs = Date.now();
      tell(`${Math.round((endMs - toldMs) / 60_000)} minutes to go, ${rebootsSoFar(fleets)} reboots so far`);
    }
  } finally {
    ending.abort(new Error("The time is over"));
    await Promise.all([...trouble, ...works.map(({ ended }) => ended)]);
    for (const { members } of fleets) for (const { proxy } of members) proxy.heal();
  }
  tell("the harm is over; everything that was begun is ended now");
  const ends = fleets.map((fleet, index) =>
    endOf(fleet, { work: works[index], twoHolders: holders[index]?.found ?? [] }),
  );
  const warmUpMs = Math.min(120_000, minutes * 20_000);
  return {
    harm,
    fleets: await Promise.all(ends),
    memory: memory.courses({ warmUpMs, leastMs: minutes * 15_000 }),
  };
}

function rebootsSoFar(fleets: readonly Fleet[]): number {
  return fleets.flatMap(({ site }) => [...site.hosts.values()]).reduce((sum, host) => sum + host.boots() - 1, 0);
}

/** Waits until a fleet is at rest, at most for so long, and says what is there then. */
async function endOf(
  fleet: Fleet,
  { work, twoHolders }: { readonly work: Work | undefined; readonly twoHolders: readonly string[] },
): Promise<FleetEnd> {
  const { site, mode } = fleet;
  const wait = { signal: site.signal, timeoutMs: quietMs, everyMs: 300 };
  const served = (): boolean =>
    site.nodes.every((node) => node === fleet.steady || site.host(node).boots() > (work?.required.get(node) ?? 0));
  let quietSinceMs = Infinity;
  const atRest = async (): Promise<boolean> => {
    if (!served() || !(await isQuiet(fleet))) quietSinceMs = Infinity;
    else quietSinceMs = Math.min(quietSinceMs, Date.now());
    return Date.now() - quietSinceMs > restMs;
  };
  // What is not at rest by then is told as left behind, or as a reboot that is missing.
  await waitFor(`${site.name} to be at rest`, atRest, wait).catch(() => undefined);
  const nodes: RebootedNode[] = [];
  const brokenMachines: string[] = [];
  for (const node of site.nodes) {
    const host = site.host(node);
    const commanded = (await host.reboots()).length;
    await host.untilBooted(0).catch(({ message, cause }: Error) => brokenMachines.push(`${message}: ${String(cause)}`));
    nodes.push({ node, required: work?.required.get(node) ?? 0, commanded, booted: host.boots() - 1 });
  }
  return {
    mode,
    nodes,
    givenBack: work?.givenBack() ?? 0,
    leftBehind: await leftBehind(fleet),
    brokenMachines,
    twoHolders,
  };
}

/** Nothing is left, nothing is under way, and every agent knows that nothing is needed. */
async function isQuiet(fleet: Fleet): Promise<boolean> {
  const { site } = fleet;
  for (const node of site.nodes) {
    if (!(await isIdle(fleet, node))) return false;
    const { annotations = {} } = (await site.readNode(node)).metadata;
    if (!annotations["kured.dev/report"]?.includes('"need":"notRequired"')) return false;
  }
  return (await leftBehind(fleet)).length === 0;
}

/** Looks into the lock; while the API server is away there is nothing to see. */
function watchHolders({ site }: Fleet): { readonly found: string[]; look(): Promise<void> } {
  const found: string[] = [];
  const look = async (): Promise<void> => {
    const lock = await site.readLock().catch(() => undefined);
    const several = JSON.parse(lock ?? "{}") as { readonly locks?: readonly unknown[] };
    if ((several.locks?.length ?? 0) > 1) found.push(`${new Date().toISOString()} ${lock}`);
  };
  return { found, look };
}
