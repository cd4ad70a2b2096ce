import type { KubeClient } from "../../kube/client.ts";
import type { Tasks } from "../../loop/tasks.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Random } from "../../ports/random.ts";
import type { Rebooter } from "../../rebooters/rebooter.ts";
import type { Machine } from "../machine.ts";

/** What an agent's acts need. */
export interface AgentHandsParts {
  readonly machine: Machine;
  readonly client: KubeClient;
  readonly node: string;
  readonly rebooter: Rebooter;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly tasks: Tasks;
  readonly signal: AbortSignal;
}
