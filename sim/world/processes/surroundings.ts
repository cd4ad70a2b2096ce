import type { ApiServer } from "../../apiserver/server.ts";
import type { Alarms } from "../hosts/alarms.ts";
import type { Machine } from "../hosts/machine.ts";
import type { CrashMoment } from "../network/link.ts";
import type { Network } from "../network/weather.ts";
import type { Sent } from "../observer.ts";
import type { WorldOptions } from "../options.ts";
import type { Dice } from "../time/dice.ts";
import type { Timeline } from "../time/timeline.ts";
import type { Container } from "./container.ts";

/** What a process finds around itself. */
export interface Surroundings {
  readonly options: WorldOptions;
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly server: ApiServer;
  readonly network: Network;
  readonly machines: ReadonlyMap<string, Machine>;
  /** Kills the process if it is to die at this moment of this act; answers whether it did. */
  readonly crashes: (container: Container, act: string, moment: CrashMoment) => boolean;
  /** The process has handed a request to its line. */
  readonly sent: (sent: Sent) => void;
  /** The process has told its machine to reboot. */
  readonly rebootAsked: (container: Container) => void;
  /** What its command line says now, beside its name. */
  readonly flags: () => readonly string[];
  readonly alarms: Alarms;
  /** Its decider says this of a node. */
  readonly verdictTold: (code: string) => void;
  /** A line of its log. */
  readonly heard: (line: string) => void;
}
