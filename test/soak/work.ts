import { setTimeout as sleep } from "node:timers/promises";
import type { Dice } from "../../sim/world/time/dice.ts";
import { phaseOf } from "../cases/one-node.ts";
import type { Fleet } from "./fleet.ts";

/** What was asked of a fleet. */
export interface Work {
  /** How often each node was told to need a reboot that it may have. */
  readonly required: ReadonlyMap<string, number>;
  /** How often the steady node needed one, was drained in vain and needed it no more. */
  readonly givenBack: () => number;
  /** Resolves when nothing more is asked for. */
  readonly ended: Promise<void>;
}

/** Until `signal` is aborted, every node that has been given back soon needs its next reboot. */
export function keepBusy(fleet: Fleet, { dice, signal }: { readonly dice: Dice; readonly signal: AbortSignal }): Work {
  const required = new Map(fleet.site.nodes.map((node) => [node, 0]));
  let givenBack = 0;
  const pause = (leastMs: number, mostMs: number): Promise<void> =>
    sleep(dice.between(leastMs, mostMs), undefined, { signal });
  const keep = async (work: () => Promise<void>): Promise<void> => {
    while (!signal.aborted) {
      await pause(500, 3_000)
        .then(work)
        .catch(() => undefined); // The API server is away, or this is the end.
    }
  };
  const reboot = async (node: string): Promise<void> => {
    const { site } = fleet;
    const host = site.host(node);
    // Told at its machine alone: a boot has taken the file away, and the node is in nobody's hands.
    if (host.boots() <= (required.get(node) ?? 0) || !(await isIdle(fleet, node))) return;
    required.set(node, (required.get(node) ?? 0) + 1);
    await host.requireReboot();
  };
  const giveBack = async (): Promise<void> => {
    const { site, steady } = fleet;
    if (!(await isIdle(fleet, steady))) return;
    await site.host(steady).requireReboot();
    let drained = false;
    try {
      for (let look = 0; look < 120 && !drained; look += 1) {
        await pause(400, 600);
        drained = await phaseOf(site, steady).then(
          (phase) => phase === "draining",
          () => false,
        );
      }
      if (drained) await pause(500, 3_000);
    } finally {
      await site.host(steady).requireReboot(false);
    }
    if (drained) givenBack += 1;
    await pause(3_000, 12_000);
  };
  const loops = [...fleet.rebooting.map((node) => keep(() => reboot(node))), keep(giveBack)];
  return { required, givenBack: () => givenBack, ended: Promise.all(loops).then(() => undefined) };
}

/** Schedulable, and without a record. */
export async function isIdle({ site }: Fleet, node: string): Promise<boolean> {
  const { spec, metadata } = await site.readNode(node);
  return spec?.unschedulable !== true && metadata.annotations?.["kured.dev/maintenance"] === undefined;
}
