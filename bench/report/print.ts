import type { BenchResult, Figure } from "./figure.ts";
import { median, p99 } from "./statistics.ts";

/** What a result looks like: its input, one line for each figure, and a table in Markdown. */
export function renderResult(bench: string, { input, figures }: BenchResult): string {
  return [
    `## ${bench}`,
    "",
    ...input.map((line) => `- ${line}`),
    "",
    ...figures.map(renderLine),
    "",
    ...renderTable(figures),
    "",
  ].join("\n");
}

/** One figure in one line. */
export function renderLine(figure: Figure): string {
  const { name, ours, other, note } = figure;
  const told = [
    `${name}: ${amount(median(ours), figure)} (p99 ${amount(p99(ours), figure)}, ${times(ours.length)})`,
    ...(other === undefined
      ? []
      : [`other ${amount(median(other), figure)} (p99 ${amount(p99(other), figure)}), ratio ${ratio(figure)}`]),
    ...(figure.goal === undefined ? [] : [`goal ${goal(figure)}: ${verdict(figure)}`]),
    ...(note === undefined ? [] : [note]),
  ];
  return told.join("; ");
}

function renderTable(figures: readonly Figure[]): readonly string[] {
  const compares = figures.some(({ other }) => other !== undefined);
  const heads = ["figure", "median", "p99", ...(compares ? ["other", "other p99", "ratio"] : []), "goal", ""];
  const rows = figures.map((figure) => [
    figure.name,
    amount(median(figure.ours), figure),
    amount(p99(figure.ours), figure),
    ...(compares ? othersCells(figure) : []),
    figure.goal === undefined ? "" : goal(figure),
    figure.goal === undefined ? "" : verdict(figure),
  ]);
  return [heads, heads.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}

function othersCells(figure: Figure): readonly string[] {
  const { other } = figure;
  if (other === undefined) return ["", "", ""];
  return [amount(median(other), figure), amount(p99(other), figure), ratio(figure)];
}

/** How many times as much the other one takes. */
function ratio({ ours, other = [] }: Figure): string {
  return `${rounded(median(other) / median(ours))}×`;
}

function goal(figure: Figure): string {
  const { atMost = NaN, of = "median" } = figure.goal ?? {};
  return `${of === "p99" ? "p99 " : ""}≤ ${amount(atMost, figure)}`;
}

function verdict({ ours, goal }: Figure): string {
  const found = goal?.of === "p99" ? p99(ours) : median(ours);
  return found <= (goal?.atMost ?? NaN) ? "met" : "MISSED";
}

function amount(value: number, { unit }: Figure): string {
  return unit === "" ? rounded(value) : `${rounded(value)} ${unit}`;
}

/** Three digits that matter: nobody can repeat the fourth. */
function rounded(value: number): string {
  if (!Number.isFinite(value)) return "?";
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function times(count: number): string {
  return count === 1 ? "one run" : `${count} runs`;
}
