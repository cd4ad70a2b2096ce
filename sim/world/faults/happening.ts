import type { Change } from "../../apiserver/store/store.ts";
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
  return {
    stop: () => {
      over = true;
    },
  };
}

/** The node whose maintenance has just come to another phase. */
function stepOf({ stored, before, after }: Change): string | undefined {
  if (stored !== "nodes") return undefined;
  const [was, is] = [recordOn(before)?.phase, recordOn(after)?.phase];
  return was === is ? undefined : (after ?? before)?.metadata.name;
}
