import { hanging } from "./wrap.ts";

/** One fact for a person: what it is, and a text that is printable already. */
export type Row = readonly [label: string, text: string];

/** Facts under a title, the texts in one column. */
export function section(title: string, rows: readonly Row[], { width }: { readonly width: number }): string {
  const lines = rows.map(([label, text]) => hanging(`  ${label.padEnd(labelWidth)}`, { text, width }));
  return [...hanging("", { text: title, width }).split("\n"), ...lines].join("\n");
}

/** Facts without a title, in the column of those that have one. */
export function heading(rows: readonly Row[], { width }: { readonly width: number }): string {
  return rows.map(([label, text]) => hanging(label.padEnd(labelWidth + 2), { text, width })).join("\n");
}

const labelWidth = 13;
