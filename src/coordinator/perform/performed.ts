import type { ActionOutcome } from "../../core/fleet/view.ts";
import type { Policy } from "../../core/policy/policy.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { Tasks } from "../../loop/tasks.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Metrics } from "../../ports/metrics.ts";
import type { Story } from "../story.ts";
import type { Messenger } from "./messenger.ts";
import type { World } from "../world/world.ts";

/** What an act needs. */
export interface HandsParts {
  readonly client: KubeClient;
  readonly world: World;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly story: Story;
  readonly messenger: Messenger;
  readonly lockAnnotation: string;
  readonly tasks: Tasks;
  readonly signal: AbortSignal;
}

/** What one act needs: its requests must be answered within `timeoutMs`. */
export interface ActParts extends HandsParts {
  readonly timeoutMs: number;
}

/** How an act ended, and which budget refused it. */
export interface Performed {
  readonly outcome: ActionOutcome;
  readonly refusedBy?: string;
  /**
   * Brings what the API server answered into the world. Called when the act is in there as ended: whoever saw the one
   * without the other would take what is looked at next for older than the act, and look once more.
   */
  readonly see?: () => void;
}
