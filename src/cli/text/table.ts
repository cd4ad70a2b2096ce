import { wrapWithin } from "./wrap.ts";

/** One row; its last cell is a sentence, which may take `most` lines. */
export interface TableRow {
  readonly cells: readonly string[];
  readonly last: string;
  readonly most: number;
}

/** Columns as wide as their content; the last one gets the rest of the line, or lines of its own if that is little. */
export function table(
  titles: readonly string[],
  { rows, width }: { readonly rows: readonly TableRow[]; readonly width: number },
): string {
  const widths = titles.slice(0, -1).map((title, at) => {
    return Math.max(...[title, ...rows.map(({ cells }) => cells[at] ?? "")].map((cell) => Array.from(cell).length));
  });
  const before = widths.reduce((sum, columnWidth) => sum + columnWidth + gap.length, 0);
  const beside = width - before >= leastWidth;
  const indent = beside ? before : 4;
  const lines = rows.flatMap(({ cells, last, most }) => {
    const [first = "", ...rest] = wrapWithin(last, { width: width - indent, most });
    const head = line(cells, widths);
    const further = rest.map((text) => " ".repeat(indent) + text);
    return beside
      ? [`${head}${first}`.trimEnd(), ...further]
      : [head.trimEnd(), " ".repeat(indent) + first, ...further];
  });
  const last = beside ? (titles.at(-1) ?? "") : "";
  return [`${line(titles.slice(0, -1), widths)}${last}`.trimEnd(), ...lines].join("\n");
}

const gap = "  ";
/** A sentence in a column narrower than this is a chore to read. */
const leastWidth = 30;

function line(cells: readonly string[], widths: readonly number[]): string {
  return cells.map((cell, at) => pad(cell, widths[at] ?? 0) + gap).join("");
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - Array.from(cell).length));
}
