/** What kind of figure a family is. */
export type FamilyType = "gauge" | "counter" | "histogram";

/** One row of the table of metrics, from which `/metrics` and the reference are made. */
export interface Family {
  /** The name in the classic format; a counter's ends in `_total`. */
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  readonly labels: readonly string[];
  /** The upper bounds of a histogram's buckets, ascending, without the last one, which has none. */
  readonly bounds?: readonly number[];
}

/** Every family that we count in. What is measured about the process itself is in `process-figures.ts`. */
export const families: readonly Family[] = [
  // Name, help and label are kured's; alerts and the chart's test stand on them.
  {
    name: "kured_reboot_required",
    type: "gauge",
    help: "OS requires reboot due to software updates.",
    labels: ["node"],
  },
  {
    name: "kured_node_state",
    type: "gauge",
    help: "1 for the code that now holds for the node; codes are those of the verdicts.",
    labels: ["node", "code"],
  },
  {
    name: "kured_reboots_total",
    type: "counter",
    help: "Reboots that we commanded, by what became of them.",
    labels: ["node", "outcome"],
  },
  {
    name: "kured_evictions_total",
    type: "counter",
    help: "Evictions that we asked for, by the answer.",
    labels: ["outcome"],
  },
  {
    name: "kured_drain_pods",
    type: "gauge",
    help: "Pods in the way of a drain: due, refused, terminating, or waiting to go by themselves.",
    labels: ["node", "state"],
  },
  {
    name: "kured_watch_age_seconds",
    type: "gauge",
    help: "Age of the newest news from a watch, bookmarks included.",
    labels: ["what"],
  },
  {
    name: "kured_decide_seconds",
    type: "histogram",
    help: "Time that decisions took.",
    labels: [],
    bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5],
  },
];
