import type { HttpRequest } from "../../../src/ports/transport.ts";
import type { Change } from "../../apiserver/store/store.ts";
import type { Container } from "../processes/container.ts";
import type { Dice } from "../time/dice.ts";
import { recordOn } from "../reading.ts";
import type { World } from "../world.ts";
import { everyMishap } from "./every.ts";
import type { Mishap } from "./mishap.ts";

/** Lets mishaps happen as the options have it, until it is stopped. */
export function letThingsHappen(world: World): { stop(): void } {
  const { options, timeline, observers } = world;
  let over = false;
  const planned = options.mishaps.map(({ name, everyMs }) => {
    const mishap = everyMishap.find((one) => one.name === name);
    if (mishap === undefined) throw new Error(`No mishap is called "${name}"`);
    return { mishap, everyMs, dice: world.dice.fork(`mishap ${name}`) };
  });
  const happen = (
    mishap: Mishap,
    { machineName, dice }: { readonly machineName: string; readonly dice: Dice },
  ): void => {
    const machine = world.machines.get(machineName);
    if (over || machine === undefined) return;
    world.coverage.count("fault", mishap.name);
    world.note(`mishap: ${mishap.name} (${machineName})`);
    mishap.happen(world, { machine, dice });
  };
  for (const { mishap, everyMs, dice } of planned) {
    const next = (): void => {
      timeline.after(-Math.log(1 - dice.next()) * everyMs, () => {
        if (over) return;
        happen(mishap, { machineName: dice.pick([...world.machines.keys()]), dice });
        next();
      });
    };
    next();
  }
  const tender = world.dice.fork("at steps");
  observers.push({
    written: (change) => {
      const name = stepOf(change);
      if (over || name === undefined || planned.length === 0 || !tender.chance(options.atSteps)) return;
      const { mishap, dice } = tender.pick(planned);
      const delayMs = tender.pick([1, tender.between(1, 300), tender.between(1, 12_000)]);
      timeline.after(delayMs, () => happen(mishap, { machineName: name, dice }));
    },
  });
  const rival = world.dice.fork("under way");
  observers.push({
    sent: ({ request, container }) => {
      const name = nodeWritten(request, container);
      if (over || name === undefined || planned.length === 0 || !rival.chance(options.underWay ?? 0)) return;
      world.coverage.count("fault", underWayFault);
      // Nothing arrives in the instant in which it is sent.
      timeline.after(0, () => happen(rival.pick(planned).mishap, { machineName: name, dice: rival }));
    },
  });
  return {
    stop: () => {
      over = true;
    },
  };
}

/** What `WorldOptions.underWay` is counted as. */
export const underWayFault = "something changes while a write is under way";

/** The node that a request would write to; of a write of the lock, that of the writer. */
function nodeWritten({ method, path }: HttpRequest, { workplace }: Container): string | undefined {
  if (method === "PUT" && path.includes("/daemonsets/")) return workplace.machine;
  return method === "PATCH" ? /^\/api\/v1\/nodes\/([^/?]+)/.exec(path)?.[1] : undefined;
}

/** The node whose maintenance has just come to another phase. */
function stepOf({ stored, before, after }: Change): string | undefined {
  if (stored !== "nodes") return undefined;
  const [was, is] = [recordOn(before)?.phase, recordOn(after)?.phase];
  return was === is ? undefined : (after ?? before)?.metadata.name;
}
