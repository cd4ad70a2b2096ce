import type { MetricLabels, Metrics } from "../ports/metrics.ts";
import type { FamilyReading, Sample } from "./exposition.ts";
import type { Family, FamilyType } from "./families.ts";

/** Figures, and the way to read them all. */
export interface MetricsRegistry extends Metrics {
  /** Every family as it is now, in the order of the names; series in the order in which they were first set. */
  read(): readonly FamilyReading[];
}

/**
 * Keeps figures for the families of a table, and reads those that `collect` measures at each reading. Adding to a
 * histogram is one observation. Names, labels and amounts that the table does not allow throw: they are mistakes in our
 * own code and must not go unnoticed.
 */
export function createMetrics(
  families: readonly Family[],
  { collect = () => [] }: { readonly collect?: () => readonly FamilyReading[] } = {},
): MetricsRegistry {
  const kept = new Map(families.map((family) => [family.name, { family, series: new Map<string, Series>() }]));
  const seriesOf = (name: string, labels: MetricLabels, types: readonly FamilyType[]): Series => {
    const found = kept.get(name);
    if (found === undefined) throw new Error(`No family of metrics is called ${name}`);
    const { family, series } = found;
    if (!types.includes(family.type)) throw new Error(`${name} is a ${family.type}, not a ${types.join(" or ")}`);
    const key = keyOf(family, labels);
    const one = series.get(key) ?? { labels: ordered(family, labels), value: 0, observed: [] };
    series.set(key, one);
    return one;
  };
  return {
    set(name, { labels, value }) {
      seriesOf(name, labels, ["gauge"]).value = value;
    },
    add(name, { labels, value = 1 }) {
      if (!(value >= 0)) throw new Error(`${value} cannot be added to ${name}`);
      const series = seriesOf(name, labels, ["counter", "histogram"]);
      series.value += value;
      const { bounds } = kept.get(name)?.family ?? {};
      if (bounds) observe(series, { value, bounds });
    },
    remove(name, { labels }) {
      const found = kept.get(name);
      if (found === undefined) return;
      const { family, series } = found;
      // One series is found by its key: in a fleet of thousands every change of a node's state removes one.
      if (family.labels.every((label) => labels[label] !== undefined)) return void series.delete(keyOf(family, labels));
      const wanted = Object.entries(labels);
      for (const [key, { labels: own }] of series) {
        if (wanted.every(([label, value]) => own[label] === value)) series.delete(key);
      }
    },
    read() {
      const own = [...kept.values()].map(({ family, series }) => ({
        family,
        samples: [...series.values()].flatMap((one) => samplesOf(family, one)),
      }));
      return [...own, ...collect()].sort((a, b) => (a.family.name < b.family.name ? -1 : 1));
    },
  };
}

interface Series {
  readonly labels: MetricLabels;
  /** For a histogram the sum. */
  value: number;
  /** How many observations each bucket of a histogram has, without those of smaller ones. */
  readonly observed: number[];
}

function observe(
  { observed }: Series,
  { value, bounds }: { readonly value: number; readonly bounds: readonly number[] },
): void {
  const found = bounds.findIndex((bound) => value <= bound);
  const bucket = found === -1 ? bounds.length : found;
  observed[bucket] = (observed[bucket] ?? 0) + 1;
}

function keyOf(family: Family, labels: MetricLabels): string {
  const names = Object.keys(labels);
  if (names.length !== family.labels.length || !family.labels.every((name) => labels[name] !== undefined)) {
    throw new Error(`${family.name} has the labels ${family.labels.join(", ")}, not ${names.join(", ")}`);
  }
  return JSON.stringify(family.labels.map((name) => labels[name]));
}

/** Labels in the order of the table, whatever order the caller wrote them in. */
function ordered(family: Family, labels: MetricLabels): MetricLabels {
  return Object.fromEntries(family.labels.map((name) => [name, labels[name] ?? ""]));
}

function samplesOf({ type, bounds = [] }: Family, { labels, value, observed }: Series): readonly Sample[] {
  if (type !== "histogram") return [{ suffix: "", labels, value }];
  let count = 0;
  const buckets = [...bounds, Infinity].map((bound, index): Sample => {
    count += observed[index] ?? 0;
    const le = bound === Infinity ? "+Inf" : String(bound);
    return { suffix: "_bucket", labels: { ...labels, le }, value: count };
  });
  return [...buckets, { suffix: "_sum", labels, value }, { suffix: "_count", labels, value: count }];
}
