import assert from "node:assert/strict";
import type { Cluster } from "../../controlplane/cluster.ts";
import type { Daemon } from "../../controlplane/daemon.ts";
import type { HeldWrite, HoldPoint } from "../../controlplane/proxy/holds.ts";
import { countsAsWrite, type ProxiedRequest } from "../../controlplane/proxy/requests.ts";
import { waitFor } from "../../controlplane/waits.ts";
import { assertRolledOut } from "./outcome.ts";
import { rollOut, type Role } from "./roll-out.ts";
import { describeWrite } from "./writes.ts";

/** One write that a daemon makes in the course of a roll-out. */
export interface CrashPoint {
  readonly role: Role;
  /** Its number among the daemon's writes, from 1, in the run in which it was found. */
  readonly write: number;
  /** As `describeWrite` says it. */
  readonly what: string;
  /** The how-manieth write of this description it is, from 1: numbers differ from run to run, the steps do not. */
  readonly occurrence: number;
}

export interface CrashOptions {
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
}

/** Finds the writes of a whole reboot of the first node: a roll-out in which nothing is disturbed. */
export async function findCrashPoints(role: Role, options: CrashOptions): Promise<readonly CrashPoint[]> {
  let requests: readonly ProxiedRequest[] = [];
  await rollOut(
    { ...options, role, name: `${role}-undisturbed` },
    {
      check: async ({ proxy, site }, moments) => {
        await untilQuiet(proxy.writes, options.signal);
        await assertRolledOut(site, { role, moments });
        requests = proxy.requests();
      },
    },
  );
  return pointsOf(role, requests);
}

/**
 * Kills the daemon with its write on one side of the API server, and lets it come back. Resolves with what the write
 * was: a verdict that changes quickly is not written in every run, and the last one of its node then stands in for it.
 */
export async function crashAt(
  point: CrashPoint,
  { at, name, ...options }: CrashOptions & { readonly at: HoldPoint; readonly name: string },
): Promise<string> {
  const { role, what, occurrence } = point;
  const wanted = new Set([what, what.replace(/: verdict .*/, ": verdict Done")]);
  let killedAt = "";
  await rollOut(
    { ...options, role, name, counts: (request) => countsAsWrite(request) && wanted.has(describeWrite(request)) },
    {
      harm: async ({ proxy, daemon }) => {
        const held = await proxy.holdWrite(occurrence, at);
        killedAt = describeWrite(held.request);
        kill(await daemon, held);
      },
      check: ({ site }, moments) => assertRolledOut(site, { role, moments }),
    },
  );
  return killedAt;
}

/** Nobody hears the answer: the connection breaks only when the process is gone. */
function kill(daemon: Daemon, held: HeldWrite): void {
  // With its machine it may have died already.
  if (daemon.pid() !== undefined) daemon.kill("SIGKILL");
  held.drop();
}

/** Only writes that were accepted, since one that met a conflict need not come in another run. */
function pointsOf(role: Role, requests: readonly ProxiedRequest[]): readonly CrashPoint[] {
  const seen = new Map<string, number>();
  const points = requests.flatMap((request): readonly CrashPoint[] => {
    const { write, status = 0 } = request;
    if (write === undefined || status >= 300) return [];
    const what = describeWrite(request);
    const occurrence = (seen.get(what) ?? 0) + 1;
    seen.set(what, occurrence);
    // How often a verdict is told again depends on how fast everything goes.
    if (/verdict/.test(what) && occurrence > 1) return [];
    return [{ role, write, what, occurrence }];
  });
  // What follows the first node's reboot is the second one's, in which everything comes once more.
  const last = points.findLastIndex(({ what }) => what.includes(" n1: "));
  assert.notEqual(last, -1, `the ${role} has written nothing about the first node`);
  return points.slice(0, last + 1);
}

async function untilQuiet(count: () => number, signal: AbortSignal): Promise<void> {
  let last = { count: -1, atMs: 0 };
  await waitFor(
    "the daemon to write nothing more",
    () => {
      if (count() !== last.count) last = { count: count(), atMs: Date.now() };
      return Promise.resolve(Date.now() - last.atMs > 1_000);
    },
    { signal },
  );
}
