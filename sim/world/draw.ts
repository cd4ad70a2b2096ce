import type { Mode, NodeOptions, WorldOptions } from "./options.ts";
import { dice, type Dice } from "./time/dice.ts";

/** The world of this seed: its fleet, its flags, and what goes wrong in it. */
export function drawWorld(seed: number, mode?: Mode): WorldOptions {
  const chance = dice(seed).fork("options");
  const chosen = mode ?? chance.pick(["classic", "coordinated"]);
  const count = chance.pick([1, 2, 3, 3, 3, 4]);
  return {
    seed,
    mode: chosen,
    nodes: Array.from({ length: count }, (_, index) => drawNode(index, chance)),
    flags: drawFlags(chosen, chance),
    mountsSentinel: chance.chance(0.7),
    troubleMs: chance.between(10, 40) * 60_000,
  };
}

function drawNode(index: number, chance: Dice): NodeOptions {
  return {
    // The first one works, so that there is a place for what is evicted from the others.
    controlPlane: index > 0 && chance.chance(0.3),
    ...(chance.chance(0.85) && { needAtMs: chance.pick([0, 60_000, 300_000, 900_000]) + chance.between(0, 60_000) }),
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
      : [`--lease-duration=${chance.pick(["15s", "30s", "60s"])}`, ...flag(0.3, "max-unavailable", ["2"])]),
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
  ];
}
