import type { MetricLabels } from "../ports/metrics.ts";
import type { Family } from "./families.ts";

/** The two text formats in which metrics are read. */
export type ExpositionFormat = "classic" | "openMetrics";

/** One line of a family: a histogram has many, told apart by the suffix and the label `le`. */
export interface Sample {
  readonly suffix: "" | "_bucket" | "_sum" | "_count";
  readonly labels: MetricLabels;
  readonly value: number;
}

/** A family with what it has to show now. */
export interface FamilyReading {
  readonly family: Family;
  readonly samples: readonly Sample[];
}

/** Value of `Content-Type` for each format; the first is kured's. */
export const contentTypes: Readonly<Record<ExpositionFormat, string>> = {
  classic: "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
  openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
};

/** The format to answer in: OpenMetrics only for a client that asks for it by name and likes it best. */
export function formatFor(accept: string): ExpositionFormat {
  const wanted = accept.split(",").map((item) => {
    const [type = "", ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
    const quality = Number(parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? 1);
    return { type, quality: Number.isNaN(quality) ? 1 : quality };
  });
  const qualityOf = (type: string): number =>
    Math.max(0, ...wanted.filter((one) => one.type === type).map(({ quality }) => quality));
  const openMetrics = qualityOf("application/openmetrics-text");
  return openMetrics > 0 && openMetrics >= qualityOf("text/plain") ? "openMetrics" : "classic";
}

/** Text exposition format 0.0.4 or OpenMetrics 1.0. Families without samples are left out. */
export function expose(readings: readonly FamilyReading[], format: ExpositionFormat): string {
  const shown = readings.filter(({ samples }) => samples.length > 0);
  const text = shown.map((reading) => familyText(reading, format)).join("");
  return format === "openMetrics" ? `${text}# EOF\n` : text;
}

function familyText({ family, samples }: FamilyReading, format: ExpositionFormat): string {
  const { name, type, help } = family;
  // OpenMetrics names a counter without the ending that its samples have.
  const head = format === "openMetrics" && type === "counter" ? name.replace(/_total$/, "") : name;
  const escapedHelp = format === "openMetrics" ? escapeValue(help) : escapeHelp(help);
  const lines = samples.map(({ suffix, labels, value }) => `${name}${suffix}${labelText(labels)} ${number(value)}\n`);
  return `# HELP ${head} ${escapedHelp}\n# TYPE ${head} ${type}\n${lines.join("")}`;
}

function labelText(labels: MetricLabels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}

/** Whole numbers without a point, `1` and not `1.0`: the chart's test compares them as text. */
function number(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}
