import { cut } from "./printable.ts";

/** Lines of at most `width` characters, broken at spaces; a word that is longer than a line is broken anywhere. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line: string[] = [];
  for (const word of text.split(" ").map((part) => Array.from(part))) {
    if (line.length > 0 && line.length + 1 + word.length <= width) {
      line.push(" ", ...word);
      continue;
    }
    if (line.length > 0) lines.push(line.join(""));
    line = word;
    while (line.length > width) lines.push(line.splice(0, width).join(""));
  }
  if (line.length > 0) lines.push(line.join(""));
  return lines;
}

/** At most `most` lines; where something is missing, the last one ends in an ellipsis. */
export function wrapWithin(text: string, { width, most }: { readonly width: number; readonly most: number }) {
  const lines = wrap(text, width);
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), cut(lines.slice(most - 1).join(" "), width)];
}

/** The text behind a label, its further lines below its first one. */
export function hanging(label: string, { text, width }: { readonly text: string; readonly width: number }): string {
  const [first = "", ...rest] = wrap(text, width - label.length);
  const indent = " ".repeat(label.length);
  return [`${label}${first}`.trimEnd(), ...rest.map((line) => indent + line)].join("\n");
}
