import { calm } from "../../sim/world/network/weather.ts";
import type { Mode } from "../../sim/world/options.ts";
import { World } from "../../sim/world/world.ts";

/** A fleet in virtual time, on which nothing goes wrong. */
export interface SimulatedFleet {
  readonly mode: Mode;
  readonly nodes: number;
  readonly flags: readonly string[];
  /** When all of them begin to need a reboot; never unless given. */
  readonly needAtMs?: number;
  /**
   * As of `WorldOptions`: who decides in virtual time needs none for it, and would else decide at every single event.
   */
  readonly grainMs?: number;
}

/** One request of one of kured's processes, as the simulator's API server answered it. */
export interface SimulatedRequest {
  readonly role: "agent" | "coordinator" | "classic";
  readonly method: string;
  readonly path: string;
  readonly atMs: number;
}

/** Production code in virtual time, and every request that it makes from now on. */
export interface Simulation {
  readonly world: World;
  readonly requests: readonly SimulatedRequest[];
  /** Forgets what was requested so far. */
  forget(): void;
  runFor(ms: number): Promise<void>;
}

/** Throws an Error when one of the processes falls over. */
export function simulate({ mode, nodes, flags, needAtMs, grainMs }: SimulatedFleet): Simulation {
  const node = { controlPlane: false, clockRate: 1, clockAheadMs: 0, ...(needAtMs !== undefined && { needAtMs }) };
  const world = new World({
    seed: 1,
    ...(grainMs !== undefined && { grainMs }),
    mode,
    nodes: Array.from({ length: nodes }, () => node),
    flags,
    mountsSentinel: true,
    troubleMs: 0,
    weather: calm,
    crashes: [],
    mishaps: [],
    atSteps: 0,
  });
  const requests: SimulatedRequest[] = [];
  const { timeline } = world;
  const trace = world.trace.bind(world);
  world.trace = (what) => {
    const request = requestIn(what);
    if (request) requests.push({ ...request, atMs: timeline.nowMs });
    trace(what);
  };
  return {
    world,
    requests,
    forget: () => void requests.splice(0),
    runFor: async (ms) => {
      await timeline.runUntil(timeline.nowMs + ms);
      if (world.broken.length > 0) throw new Error(world.broken.join("\n"));
    },
  };
}

/** The renewals of Leases are the price of having a coordinator and counted apart everywhere. */
export function isLease({ path }: SimulatedRequest): boolean {
  return path.includes("/leases");
}

/** The line by which the world tells its story of a request. */
function requestIn(line: string): Omit<SimulatedRequest, "atMs"> | undefined {
  const [, role, method = "", path = ""] = /^(agent|coordinator|classic)\/\S+ ([A-Z]+) (\/\S*) \d+$/.exec(line) ?? [];
  return role === "agent" || role === "coordinator" || role === "classic" ? { role, method, path } : undefined;
}
