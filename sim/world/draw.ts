import { crashPoints } from "./expected.ts";
import { everyMishap } from "./faults/every.ts";
import { drawHours } from "./time/hours.ts";
import { calm, type Weather } from "./network/weather.ts";
import type { CrashPlan, Mode, NodeOptions, WorldOptions } from "./options.ts";
import { themes } from "./themes.ts";
import { dice, type Dice } from "./time/dice.ts";

/** The world of this seed: its fleet, its flags, and what goes wrong in it. */
export function drawWorld(seed: number, mode?: Mode): WorldOptions {
  const chance = dice(seed).fork("options");
  // Drawn in any case, so that a world stays the same when its mode is asked for by name.
  const drawn = chance.pick<Mode>(["classic", "coordinated"]);
  const chosen = mode ?? drawn;
  const { windowFlags = [], ...begins } = dice(seed).fork("hours").chance(0.2)
    ? drawHours(dice(seed).fork("window"))
    : {};
  const size = drawSize(chance);
  const count = chance.pick(size.nodes);
  const troubleMs = chance.between(...size.minutes) * minuteMs;
  const drawnWorld: WorldOptions = {
    seed,
    ...begins,
    mode: chosen,
    nodes: Array.from({ length: count }, (_, index) => drawNode(index, { size, chance })),
    flags: [...drawFlags(chosen, chance), ...windowFlags],
    mountsSentinel: chance.chance(0.7),
    troubleMs,
    ...drawTrouble(seed, { troubleMs, chance }),
  };
  const [theme] = themes.slice(Math.floor(seed / themeEvery) % themes.length);
  return theme !== undefined && seed % themeEvery === 0 && mode === undefined ? theme(drawnWorld, chance) : drawnWorld;
}

/** Every so many worlds one has a theme. */
const themeEvery = 8;

const minuteMs = 60_000;

/** How much there is of a world. */
interface Size {
  /** Numbers of nodes. */
  readonly nodes: readonly number[];
  /** For how long things go wrong, in minutes: at least, at most. */
  readonly minutes: readonly [number, number];
  /** When nodes begin to need a reboot. */
  readonly needsAtMs: readonly number[];
}

const tiny: Size = { nodes: [1, 1, 2, 2, 2, 3], minutes: [2, 7], needsAtMs: [0, 0, 60_000, 120_000] };
const middling: Size = { nodes: [2, 3, 3, 4], minutes: [8, 16], needsAtMs: [0, 60_000, 300_000] };
const large: Size = { nodes: [3, 4, 5], minutes: [20, 45], needsAtMs: [0, 60_000, 300_000, 900_000] };

/**
 * Mostly tiny: nearly all that can go wrong does so with few nodes and within minutes, and of those there can be many.
 */
function drawSize(chance: Dice): Size {
  const share = chance.next();
  return share < 0.02 ? large : share < 0.12 ? middling : tiny;
}

type Trouble = Pick<WorldOptions, "weather" | "crashes" | "mishaps" | "atSteps" | "underWay">;

interface Drawing {
  readonly troubleMs: number;
  readonly chance: Dice;
}

/** Swarm-style: each world has some of the faults, with rates of its own, so that none hides another for good. */
function drawTrouble(seed: number, { troubleMs, chance }: Drawing): Trouble {
  // One world in ten is a fine day, on which everything must go well without any help.
  if (chance.chance(0.1)) return { weather: calm, crashes: [], mishaps: [], atSteps: 0 };
  return {
    weather: chance.chance(0.5) ? drawWeather(chance) : calm,
    crashes: chance.chance(0.6) ? drawCrashes(seed, chance) : [],
    mishaps: drawMishaps(seed, { troubleMs, chance }),
    atSteps: chance.pick([0, 0.05, 0.2]),
    underWay: chance.pick([0, 0, 0.02, 0.1]),
  };
}

function drawWeather(chance: Dice): Weather {
  const share = (): number => (chance.chance(0.5) ? chance.pick([0.005, 0.03, 0.12]) : 0);
  return {
    slowestMs: chance.pick([5, 50, 800]),
    lost: share(),
    unanswered: share(),
    told: chance.pick([0, 0.5, 1]),
    doubled: share(),
    late: share(),
    afterlife: chance.pick([0, 0.5]),
    torn: share(),
  };
}

/** Each seed has another crash point in any case, so that some hundred worlds come through all of them. */
function drawCrashes(seed: number, chance: Dice): WorldOptions["crashes"] {
  const own = crashPoints.slice(seed % crashPoints.length).slice(0, 1);
  const others = Array.from({ length: chance.between(0, 3) }, () => chance.pick(crashPoints));
  const times = (): Pick<CrashPlan, "spared" | "times"> => ({
    spared: chance.pick([0, 0, 1, 2, 5]),
    times: chance.pick([1, 1, 2]),
  });
  return [
    ...own.map((point) => ({ ...point, spared: 0, times: 1 })),
    ...others.map((point) => ({ ...point, ...times() })),
  ];
}

/** The same of mishaps: the seed's own, and a swarm of others. */
function drawMishaps(seed: number, { troubleMs, chance }: Drawing): WorldOptions["mishaps"] {
  const share = chance.pick([0, 0.03, 0.1, 0.3]);
  return everyMishap
    .filter((_, index) => chance.chance(share) || index === seed % everyMishap.length)
    .map(({ name }) => ({ name, everyMs: Math.round(troubleMs * chance.pick([0.1, 0.4, 0.8, 1.2])) }));
}

function drawNode(index: number, { size, chance }: { readonly size: Size; readonly chance: Dice }): NodeOptions {
  return {
    // The first one works, so that there is a place for what is evicted from the others.
    controlPlane: index > 0 && chance.chance(0.3),
    ...(chance.chance(0.85) && { needAtMs: chance.pick(size.needsAtMs) + chance.between(0, 60_000) }),
    clockRate: chance.pick([1, 1, 1.0001, 0.9999, 1.002]),
    clockAheadMs: chance.pick([0, 0, 0, 2_000, -30_000, 40_000]),
  };
}

function drawFlags(mode: Mode, chance: Dice): readonly string[] {
  const flag = (probability: number, name: string, values: readonly string[]): readonly string[] =>
    chance.chance(probability) ? [`--${name}=${chance.pick(values)}`] : [];
  return [
    `--period=${chance.pick(["1m", "2m", "5m"])}`,
    `--reboot-deadline=${chance.pick(["5m", "10m"])}`,
    ...(mode === "classic"
      ? flag(0.3, "concurrency", ["2"])
      : [`--lease-duration=${chance.pick(["15s", "30s", "60s", "60s"])}`, ...flag(0.3, "max-unavailable", ["2"])]),
    ...flag(0.3, "lock-ttl", ["10m", "30m"]),
    ...flag(0.3, "lock-release-delay", ["20s", "1m"]),
    ...flag(0.3, "drain-timeout", ["2m", "10m"]),
    ...flag(0.2, "force-reboot", ["true"]),
    ...flag(0.2, "reboot-delay", ["10s", "1m"]),
    ...flag(0.2, "drain-delay", ["5s", "30s"]),
    ...flag(0.2, "annotate-nodes", ["true"]),
    ...flag(0.2, "prefer-no-schedule-taint", ["kured"]),
    ...flag(0.2, "pre-reboot-node-labels", ["kured.dev/a=down"]),
    ...flag(0.2, "post-reboot-node-labels", ["kured.dev/a=up"]),
    ...flag(0.3, "failed-reboot", ["keep-cordon"]),
    ...flag(0.2, "reboot-method", ["signal"]),
    ...flag(0.2, "prometheus-url", ["http://prometheus:9090"]),
    ...flag(0.2, "blocking-pod-selector", ["app=blocker"]),
  ];
}
