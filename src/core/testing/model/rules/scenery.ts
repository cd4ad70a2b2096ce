import type { Policy } from "../../../policy/policy.ts";
import type { Cluster } from "../cluster.ts";
import type { Host } from "../agent/host.ts";
import type { Timeline } from "../timeline.ts";

/** What those who check the rules look at. */
export interface Scenery {
  readonly mode: "coordinated" | "classic";
  readonly policy: Policy;
  readonly timeline: Timeline;
  readonly cluster: Cluster;
  readonly hosts: ReadonlyMap<string, Host>;
}

/** Says that a rule was broken, and how. */
export type Break = (rule: string, what: string) => void;
