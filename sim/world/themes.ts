import { drawHours } from "./time/hours.ts";
import { calm } from "./network/weather.ts";
import type { NodeOptions, WorldOptions } from "./options.ts";
import type { Dice } from "./time/dice.ts";

/** A world in which one thing is sure to be tried that chance alone seldom brings about. */
export type Theme = (options: WorldOptions, chance: Dice) => WorldOptions;

const minuteMs = 60_000;
const quiet = { weather: calm, crashes: [], mishaps: [], atSteps: 0, underWay: 0 } as const;

/** There is a place for a second node, and the first does not come back: nothing else may begin (rule 8). */
const firstDoesNotComeBack: Theme = (options, chance) => {
  const [first, ...others] = threeNodes(options, chance);
  return {
    ...options,
    ...quiet,
    mode: "coordinated",
    flags: ["--period=1m", "--reboot-deadline=5m", "--max-unavailable=2", "--lease-duration=60s"],
    nodes: [
      {
        ...first,
        needAtMs: 0,
        ...chance.pick([{ returns: "never" }, { returns: "late" }, { command: "nothing" }] as const),
      },
      ...others.map((node) => ({ ...node, needAtMs: chance.between(14, 18) * minuteMs })),
    ],
    troubleMs: 22 * minuteMs,
  };
};

/** Somebody has cordoned some of the nodes before anything begins, and wants them to stay so (rule 5). */
const cordonedBefore: Theme = (options, chance) => ({
  ...options,
  mishaps: options.mishaps.filter(({ name }) => !/cordon/.test(name)),
  nodes: options.nodes.map((node) => ({ ...node, cordoned: chance.chance(0.5), needAtMs: 2 * minuteMs })),
});

/** Approvals lose their ground while the commit is on its way (rule 2). */
const contestedCommits: Theme = (options, chance) => ({
  ...options,
  weather: { ...calm, slowestMs: 800, late: 0.3, afterlife: 0.7 },
  crashes: [],
  mishaps: [chance.pick(contests), chance.pick(contests), ...chance.pick([[], ["a node is released"]])].map((name) => ({
    name,
    everyMs: 60 * minuteMs,
  })),
  atSteps: 0.7,
  underWay: chance.pick([0, 0.3]),
});

/** What the commit's own tests do not see, and what they do. */
const contests: readonly string[] = [
  "the lock is deleted",
  "the lock is overwritten",
  "the fleet is paused",
  "a node is held",
  "somebody uncordons",
];

/** Two coordinators that both believe to lead: one of them sleeps through the end of its term (rules 1 and 4). */
const sleepingLeaders: Theme = (options) => ({
  ...options,
  mode: "coordinated",
  mishaps: [
    { name: "a coordinator is frozen", everyMs: 2 * minuteMs },
    { name: "a coordinator is restarted", everyMs: 10 * minuteMs },
  ],
  atSteps: 0.3,
});

/** The Lease is deleted under its leader, who hears of it seconds later than the one who takes it (rule 4). */
const deposedLeaders: Theme = (options, chance) => ({
  ...options,
  ...quiet,
  mode: "coordinated",
  flags: ["--period=1m", "--reboot-deadline=5m", "--max-unavailable=2", "--lease-duration=60s"],
  nodes: threeNodes(options, chance).map((node) => ({ ...node, needAtMs: chance.between(0, 2) * minuteMs })),
  mishaps: [{ name: "the Lease is deleted", everyMs: minuteMs }],
  atSteps: 0.3,
  troubleMs: 5 * minuteMs,
});

/** Budgets close in the middle of drains that may last two minutes. */
const stuckDrains: Theme = (options, chance) => ({
  ...options,
  ...quiet,
  flags: ["--period=1m", "--reboot-deadline=5m", "--drain-timeout=2m", ...chance.pick([[], ["--force-reboot=true"]])],
  nodes: threeNodes(options, chance).map((node) => ({ ...node, needAtMs: minuteMs })),
  mishaps: [
    { name: "a budget closes", everyMs: minuteMs },
    { name: "a budget opens", everyMs: 4 * minuteMs },
  ],
  troubleMs: 5 * minuteMs,
});

/** Gates open and close while nodes wait at them (rule 7). */
const closedGates: Theme = (options, chance) => ({
  ...options,
  flags: [...options.flags, "--prometheus-url=http://prometheus:9090", "--blocking-pod-selector=app=blocker"],
  mishaps: ["Prometheus is firing", "Prometheus is quiet", "a pod blocks its node"].map((name) => ({
    name,
    everyMs: chance.pick([minuteMs, 2 * minuteMs]),
  })),
  atSteps: 0.3,
});

/** The window closes while drains last and agents are slow to use their approvals (rules 2 and 7). */
const closingWindows: Theme = (options, chance) => {
  const { windowFlags, ...begins } = drawHours(chance, { opens: [-60, -5], closes: [5] });
  return {
    ...options,
    ...quiet,
    ...begins,
    mode: "coordinated",
    flags: ["--period=1m", "--reboot-deadline=5m", "--max-unavailable=2", "--reboot-delay=10s", ...windowFlags],
    nodes: threeNodes(options, chance).map((node) => ({
      ...node,
      needAtMs: 5 * minuteMs - chance.between(15_000, 60_000),
    })),
    mishaps: [
      { name: "a machine is cut off", everyMs: minuteMs },
      { name: "a coordinator is frozen", everyMs: 3 * minuteMs },
    ],
    atSteps: 0.5,
    troubleMs: 20 * minuteMs,
  };
};

/** Each of them, in turn. */
export const themes: readonly Theme[] = [
  firstDoesNotComeBack,
  cordonedBefore,
  contestedCommits,
  sleepingLeaders,
  deposedLeaders,
  closingWindows,
  stuckDrains,
  closedGates,
];

function threeNodes({ nodes }: WorldOptions, chance: Dice): readonly [NodeOptions, ...NodeOptions[]] {
  const plain = { controlPlane: false, clockRate: 1, clockAheadMs: 0 };
  const [first = plain] = nodes;
  return [{ ...plain, ...first, controlPlane: false }, plain, { ...plain, controlPlane: chance.chance(0.3) }];
}
