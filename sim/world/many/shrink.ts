import { faultsOf } from "../batch.ts";
import type { WorldOptions } from "../options.ts";
import { calm } from "../network/weather.ts";
import { runWorld } from "../run.ts";

/** Tries no more worlds than this; each takes a second or so. */
const triesMax = 200;

/** A smaller world that breaks the same rule: fewer mishaps, crashes, flags and nodes, less time, better weather. */
export async function shrink(options: WorldOptions): Promise<WorldOptions> {
  const wanted = await ruleBroken(options);
  if (wanted === undefined) return options;
  let smallest = options;
  let tries = 0;
  for (let progress = true; progress && tries < triesMax;) {
    progress = false;
    for (const candidate of smaller(smallest)) {
      tries += 1;
      if (tries > triesMax || (await ruleBroken(candidate)) !== wanted) continue;
      smallest = candidate;
      progress = true;
      break;
    }
  }
  return smallest;
}

/** The first rule that breaks, by its name; `undefined` if none does. */
async function ruleBroken(options: WorldOptions): Promise<string | undefined> {
  return faultsOf(await runWorld(options))[0]?.split(":")[0];
}

function smaller(options: WorldOptions): readonly WorldOptions[] {
  const { mishaps, crashes, flags, nodes, weather, troubleMs } = options;
  const quietWeather = JSON.stringify(weather) === JSON.stringify(calm) ? [] : [{ ...options, weather: calm }];
  return [
    ...halves(mishaps).map((kept) => ({ ...options, mishaps: kept })),
    ...quietWeather,
    ...(options.atSteps > 0 ? [{ ...options, atSteps: 0 }] : []),
    ...((options.underWay ?? 0) > 0 ? [{ ...options, underWay: 0 }] : []),
    ...(troubleMs > 120_000 ? [{ ...options, troubleMs: Math.round(troubleMs / 2) }] : []),
    ...without(mishaps).map((kept) => ({ ...options, mishaps: kept })),
    ...without(crashes).map((kept) => ({ ...options, crashes: kept })),
    ...without(flags).map((kept) => ({ ...options, flags: kept })),
    ...(nodes.length > 1 ? [{ ...options, nodes: nodes.slice(0, -1) }] : []),
  ];
}

function halves<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 4) return [];
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

function without<T>(items: readonly T[]): readonly (readonly T[])[] {
  return items.map((_, index) => items.toSpliced(index, 1));
}
